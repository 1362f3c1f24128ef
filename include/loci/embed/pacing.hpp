#pragma once
#include <chrono>

namespace loci::embed {

/// What an embedder waits with between two attempts: the seam where tests put a clock of their own.
///
/// Thread safety: implementations must allow calls from any thread.
class Pacing {
public:
  using Clock = std::chrono::steady_clock;

  virtual ~Pacing() = default;
  [[nodiscard]] virtual Clock::time_point now() = 0;
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall_clock() = 0;
  [[nodiscard]] virtual double jitter() = 0;  ///< Even in [0, 1).
  virtual void wait(std::chrono::milliseconds span) = 0;
};

/// The real clocks, random jitter, and a sleeping thread.
[[nodiscard]] Pacing& real_pacing();

}  // namespace loci::embed
