#pragma once
#include <cstdint>
#include <deque>
#include <optional>

namespace loci::pg {

/// Who gets a connection, and when one more is opened. No I/O, no clock, no threads: the pool calls
/// it under its lock and does what it says.
///
/// Counts every connection once: idle, opening, or leased. Waiters are served strictly in order; a
/// connection that becomes free goes straight to the oldest of them and is never idle in between.
class PoolCore {
public:
  using Waiter = std::uint64_t;

  PoolCore(int max_connections, int min_connections)
      : max_(max_connections), min_(min_connections) {}

  /// True: take an idle connection now (it is counted as leased). False: `waiter` stands in the
  /// queue.
  bool acquire(Waiter waiter) {
    if (idle_ > 0 && waiters_.empty()) {
      --idle_;
      ++leased_;
      return true;
    }
    waiters_.push_back(waiter);
    return false;
  }

  /// How many connections to start opening now; they are counted as opening from here on.
  int open_more() {
    const int demand = static_cast<int>(waiters_.size()) - opening_;
    const int floor = min_ - total();
    int more = demand > floor ? demand : floor;
    if (more > max_ - total()) more = max_ - total();
    if (more < 0 || closed_) more = 0;
    opening_ += more;
    return more;
  }

  /// An opening connection is there. The waiter that gets it (counted as leased), or nobody (idle).
  std::optional<Waiter> opened() {
    --opening_;
    return ready();
  }
  void open_failed() { --opening_; }

  /// A leased connection came back, fit for the next caller. As opened().
  std::optional<Waiter> returned() {
    --leased_;
    return ready();
  }
  void lease_lost() { --leased_; }  ///< A leased connection was closed.
  void idle_lost() { --idle_; }     ///< An idle connection was closed.

  /// The oldest waiter leaves the queue (it is told of an error).
  std::optional<Waiter> drop_oldest() {
    if (waiters_.empty()) return std::nullopt;
    const Waiter oldest = waiters_.front();
    waiters_.pop_front();
    return oldest;
  }

  /// The waiter gave up. False when it is no longer in the queue: it has been served.
  bool forget(Waiter waiter) { return std::erase(waiters_, waiter) == 1; }

  void close() { closed_ = true; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] int total() const { return idle_ + opening_ + leased_; }
  [[nodiscard]] int idle() const { return idle_; }
  [[nodiscard]] int opening() const { return opening_; }
  [[nodiscard]] int leased() const { return leased_; }
  [[nodiscard]] int waiting() const { return static_cast<int>(waiters_.size()); }

private:
  std::optional<Waiter> ready() {
    auto oldest = drop_oldest();
    if (oldest) {
      ++leased_;
    } else {
      ++idle_;
    }
    return oldest;
  }

  int max_;
  int min_;
  int idle_ = 0;
  int opening_ = 0;
  int leased_ = 0;
  bool closed_ = false;
  std::deque<Waiter> waiters_;
};

}  // namespace loci::pg
