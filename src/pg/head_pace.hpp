#pragma once
#include <algorithm>
#include <chrono>

namespace loci::pg {

/// How long a pipeline's head usually waits for its answer (the network, a busy server, the
/// statements themselves), and so how long is too long. A weighted mean, which begins high: of a
/// fresh connection little is known. No clock.
class HeadPace {
public:
  using Duration = std::chrono::steady_clock::duration;

  void answered_after(Duration wait) {
    mean_ +=
        (std::min<Duration>(wait, k_most) - mean_) / 4;  // one long one says little of the rest
  }
  /// A head that has waited longer holds up whoever comes behind it.
  [[nodiscard]] Duration too_long() const { return std::max<Duration>(4 * mean_, k_least); }

private:
  static constexpr std::chrono::milliseconds k_least{10};
  static constexpr std::chrono::milliseconds k_most{50};
  Duration mean_ = std::chrono::milliseconds(25);
};

}  // namespace loci::pg
