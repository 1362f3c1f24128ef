#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

namespace loci::pg {

/// Who gets a connection, and when one more is opened. No I/O, no clock, no threads: the pool calls
/// it under its lock and does what it says.
///
/// Counts every connection once: idle, opening, or leased (those the pool itself probes or closes
/// count as leased). Waiters are served strictly in order; a connection that becomes free goes
/// straight to the oldest of them and is never idle in between.
class PoolCore {
public:
  using Waiter = std::uint64_t;
  enum class Answer : std::uint8_t { take_idle, wait, refused };

  struct Limits {
    int max = 1;                  ///< Connections.
    int floor = 0;                ///< Opened without being asked for.
    int connecting = 1;           ///< Connects in flight.
    std::size_t max_waiters = 0;  ///< 0: no cap.
  };

  explicit PoolCore(Limits limits) : limits_(limits) {}

  /// take_idle: an idle connection is the caller's now (counted as leased). wait: `waiter` stands
  /// in the queue, behind those with lower numbers: they came before, also where they ask again.
  Answer acquire(Waiter waiter) {
    if (idle_ > 0 && waiters_.empty()) {
      take_idle();
      return Answer::take_idle;
    }
    if (full()) return Answer::refused;
    waiters_.insert(std::ranges::upper_bound(waiters_, waiter), waiter);
    return Answer::wait;
  }

  /// Nobody more may wait.
  [[nodiscard]] bool full() const {
    return limits_.max_waiters != 0 && static_cast<std::size_t>(waiting()) >= limits_.max_waiters;
  }

  /// Waits beside the queue, for a connection that a waiter in it is to share with all who do. That
  /// one stands for the first of them; the others count as waiting, but want no connection each.
  /// False: refused.
  bool join_beside() {
    if (beside_ > 0 && full()) return false;
    ++beside_;
    return true;
  }
  void leave_beside() { --beside_; }

  /// How many connections should start opening now.
  [[nodiscard]] int wanted() const {
    if (closed_) return 0;
    const int demand = std::max(queued() - opening_, limits_.floor - total());
    return std::max(std::min({demand, limits_.max - total(), limits_.connecting - opening_}), 0);
  }
  /// Whether somebody waits for whom no connection is to be opened. Where some are being opened,
  /// others follow them as far as the pool may grow.
  [[nodiscard]] bool starving() const {
    return queued() > opening_ + (opening_ > 0 ? limits_.max - total() : 0);
  }
  /// As wanted(); they are counted as opening from here on.
  int open_more() {
    const int more = wanted();
    opening_ += more;
    return more;
  }

  /// An opening connection is there, and counted as leased until it is returned().
  void opened() {
    --opening_;
    ++leased_;
  }
  void open_failed() { --opening_; }

  /// A leased connection is fit for the next caller: the waiter that gets it (it stays counted as
  /// leased), or nobody (it is idle).
  std::optional<Waiter> returned() {
    auto oldest = drop_oldest();
    if (!oldest) {
      --leased_;
      ++idle_;
    }
    return oldest;
  }
  void lease_lost() { --leased_; }  ///< A leased connection was closed.
  void take_idle() {                ///< An idle connection is leased by the pool itself.
    --idle_;
    ++leased_;
  }

  /// The oldest waiter leaves the queue, if its number is below `end`.
  std::optional<Waiter> drop_oldest(Waiter end = std::numeric_limits<Waiter>::max()) {
    if (waiters_.empty() || waiters_.front() >= end) return std::nullopt;
    const Waiter oldest = waiters_.front();
    waiters_.pop_front();
    return oldest;
  }

  /// The waiter gave up. False when it is no longer in the queue: it has been served.
  bool forget(Waiter waiter) {
    const auto found = std::ranges::lower_bound(waiters_, waiter);
    if (found == waiters_.end() || *found != waiter) return false;
    waiters_.erase(found);
    return true;
  }

  void close() { closed_ = true; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] int total() const { return idle_ + opening_ + leased_; }
  [[nodiscard]] int idle() const { return idle_; }
  [[nodiscard]] int opening() const { return opening_; }
  [[nodiscard]] int leased() const { return leased_; }
  [[nodiscard]] int queued() const { return static_cast<int>(waiters_.size()); }
  [[nodiscard]] int waiting() const { return queued() + std::max(beside_ - 1, 0); }

private:
  const Limits limits_;
  int idle_ = 0;
  int opening_ = 0;
  int leased_ = 0;
  int beside_ = 0;
  bool closed_ = false;
  std::deque<Waiter> waiters_;
};

}  // namespace loci::pg
