#pragma once
#include <chrono>

namespace loci {

/// The one moment by which a call must be over: waiting for a connection, queueing and running all
/// count against it. A plain value on the steady clock.
class Deadline {
public:
  using Clock = std::chrono::steady_clock;

  constexpr explicit Deadline(Clock::time_point at) noexcept : at_(at) {}

  [[nodiscard]] static Deadline after(Clock::duration span) {
    return Deadline(Clock::now() + span);
  }

  /// Far away; for long work that has its own way to stop (imports, index builds).
  [[nodiscard]] static constexpr Deadline never() noexcept {
    return Deadline(Clock::time_point::max());
  }

  [[nodiscard]] constexpr Clock::time_point at() const noexcept { return at_; }
  [[nodiscard]] constexpr bool is_never() const noexcept { return at_ == Clock::time_point::max(); }
  [[nodiscard]] bool passed() const { return !is_never() && Clock::now() >= at_; }

  /// The earlier of the two.
  [[nodiscard]] constexpr Deadline sooner(Deadline other) const noexcept {
    return at_ <= other.at_ ? *this : other;
  }

private:
  Clock::time_point at_;
};

}  // namespace loci
