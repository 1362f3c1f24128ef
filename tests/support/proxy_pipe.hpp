#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/pg_messages.hpp"

namespace loci::test {

/// What becomes of the bytes of a direction.
enum class Fate : std::uint8_t {
  pass,
  swallow,  ///< They are read, and go nowhere.
  stall,    ///< They are read no more: the sender's buffers fill.
  close,    ///< The connection ends, both ways, after what went before.
  reset,    ///< As close; over TCP the ends are told of a reset.
};

/// Where a direction's fate turns. Counted from when it was set, or from the connection's beginning
/// when that is later.
struct Turn {
  Fate fate = Fate::close;
  std::uint64_t bytes = 0;  ///< After so many bytes; with `nth`, so many into the message, at most
                            ///< to its end.
  char message = k_startup_packet;  ///< A message's type, looked at when `nth` is set.
  int nth = 0;                      ///< 1: the first message of that type.
  /// So much later a stall is over and a silence ends with the connection; 0: never.
  std::chrono::milliseconds lasts{0};
};

/// What is wrong with one direction of a connection.
struct Faults {
  std::chrono::microseconds latency{0};
  std::chrono::microseconds jitter{0};  ///< Up to so much more latency, by the seed.
  std::uint64_t bytes_per_second = 0;   ///< 0: no limit.
  std::size_t slice = 0;  ///< Delivered in pieces of at most so many bytes, each read before the
                          ///< next is sent; 0: as they came.
  std::optional<Turn> turn;
};

/// One direction of a proxied connection: takes bytes in, says which may go out and when. No
/// sockets and no clock of its own; the proxy calls it under its lock.
class ProxyPipe {
public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  ProxyPipe(bool from_client, std::uint64_t seed) : framing_(from_client), random_(seed) {}

  /// These faults from now on. Ends a stall; what was swallowed or closed stays so.
  void set(const Faults& faults, Time now) {
    faults_ = faults;
    matched_ = 0;
    turn_at_.reset();
    if (fate_ != Fate::swallow) turn_over_.reset();
    if (fate_ == Fate::stall) fate_ = Fate::pass;
    if (faults.turn && faults.turn->nth == 0) turn_at_ = passed_ + faults.turn->bytes;
    advance(now);
  }

  /// What the sender wrote.
  void take(std::string_view bytes, Time now) {
    if (fate_ == Fate::swallow) return;
    held_ += bytes;
    advance(now);
  }

  /// The sender is gone: so will be the connection, once what it said is delivered.
  void ended() {
    if (fate_ == Fate::pass) fate_ = Fate::close;
    if (fate_ == Fate::swallow || fate_ == Fate::stall) {
      queue_.clear();
      fate_ = Fate::close;
    }
  }

  /// The sender is to be read from.
  [[nodiscard]] bool reads() const {
    return fate_ == Fate::swallow || (fate_ == Fate::pass && queued_ < k_most_queued);
  }

  /// What may be written now. `heard`: the receiver has read all that was written before.
  [[nodiscard]] std::string_view ready(Time now, bool heard) const {
    if (queue_.empty() || queue_.front().due > now || free_at_ > now) return {};
    std::string_view bytes = std::string_view(queue_.front().bytes).substr(written_);
    if (faults_.slice > 0) bytes = heard ? bytes.substr(0, faults_.slice) : std::string_view();
    if (faults_.bytes_per_second > 0) {
      bytes = bytes.substr(0, std::max<std::uint64_t>(1, faults_.bytes_per_second / 100));
    }
    return bytes;
  }
  void wrote(std::size_t bytes, Time now) {
    written_ += bytes;
    queued_ -= bytes;
    if (faults_.bytes_per_second > 0) {
      const std::chrono::nanoseconds taken(bytes * 1'000'000'000 / faults_.bytes_per_second);
      free_at_ = now + taken;
    }
    if (written_ == queue_.front().bytes.size()) {
      queue_.pop_front();
      written_ = 0;
    }
  }

  /// The next moment at which something changes by itself, perhaps past: call advance() then.
  [[nodiscard]] std::optional<Time> wakes(Time now) const {
    std::optional<Time> next = turn_over_;
    if (!queue_.empty()) {
      Time due = std::max(queue_.front().due, free_at_);
      if (faults_.slice > 0) due = std::max(due, now + k_hearing_pause);
      if (due > now && (!next || due < *next)) next = due;
    }
    return next;
  }
  void advance(Time now) {
    if (turn_over_ && now >= *turn_over_) {
      turn_over_.reset();
      fate_ = fate_ == Fate::stall ? Fate::pass : Fate::close;
    }
    while (fate_ == Fate::pass && !turns(now)) {
      const std::size_t bytes = may_pass();
      if (bytes > 0) {
        forward(bytes, now);
      } else if (turn_at_ != passed_) {
        break;
      }
    }
    held_.erase(0, taken_);
    taken_ = 0;
  }

  [[nodiscard]] bool slices() const { return faults_.slice > 0; }
  [[nodiscard]] bool stalled() const { return fate_ == Fate::stall; }
  [[nodiscard]] bool over() const {
    return queue_.empty() && (fate_ == Fate::close || fate_ == Fate::reset);
  }
  [[nodiscard]] bool reset() const { return fate_ == Fate::reset; }
  [[nodiscard]] std::uint64_t passed() const { return passed_; }  ///< Bytes.
  /// How many messages of this type began, those that met their turn included.
  [[nodiscard]] std::uint64_t seen(char type) const {
    const auto found = seen_.find(type);
    return found == seen_.end() ? 0 : found->second;
  }

private:
  struct Chunk {
    std::string bytes;
    Time due;
  };
  static constexpr std::size_t k_most_queued = std::size_t{1} << 20;
  static constexpr std::chrono::microseconds k_hearing_pause{50};

  // How many of the bytes held may go on: of one message, and up to the turn.
  std::size_t may_pass() {
    if (left_ == 0) {
      const auto message = framing_.next(std::string_view(held_).substr(taken_));
      if (!message) return 0;
      left_ = message->size;
      ++seen_[message->type];
      const auto& turn = faults_.turn;
      if (turn && turn->nth > 0 && turn->message == message->type && ++matched_ == turn->nth) {
        turn_at_ = passed_ + std::min<std::uint64_t>(turn->bytes, left_);
      }
    }
    std::uint64_t bytes = std::min<std::uint64_t>(left_, held_.size() - taken_);
    if (turn_at_) bytes = std::min(bytes, *turn_at_ - passed_);
    return bytes;
  }

  void forward(std::size_t bytes, Time now) {
    Time due = now + faults_.latency;
    if (faults_.jitter.count() > 0) {
      due += std::chrono::microseconds(random_() %
                                       (static_cast<std::uint64_t>(faults_.jitter.count()) + 1));
    }
    if (!queue_.empty()) due = std::max(due, queue_.back().due);
    if (queue_.empty() || queue_.back().due != due) queue_.push_back({"", due});
    queue_.back().bytes.append(held_, taken_, bytes);
    taken_ += bytes;
    queued_ += bytes;
    passed_ += bytes;
    left_ -= bytes;
  }

  bool turns(Time now) {
    if (!turn_at_ || *turn_at_ != passed_) return false;
    const Turn turn = *faults_.turn;
    faults_.turn.reset();
    turn_at_.reset();
    fate_ = turn.fate;
    if (turn.lasts.count() > 0) turn_over_ = now + turn.lasts;
    if (fate_ != Fate::stall && fate_ != Fate::pass) taken_ = held_.size();
    return true;
  }

  PgFraming framing_;
  std::mt19937_64 random_;
  Faults faults_;
  Fate fate_ = Fate::pass;
  std::string held_;        // read; of a message whose head is incomplete, or after a stall
  std::size_t taken_ = 0;   // of held_, within advance()
  std::uint64_t left_ = 0;  // of the message that is passing
  std::uint64_t passed_ = 0;
  std::optional<std::uint64_t> turn_at_;  // as passed_
  std::optional<Time> turn_over_;
  int matched_ = 0;
  std::deque<Chunk> queue_;
  std::size_t queued_ = 0;
  std::size_t written_ = 0;  // of the queue's front
  Time free_at_;             // when the bandwidth lets the next byte go
  std::unordered_map<char, std::uint64_t> seen_;
};

}  // namespace loci::test
