#pragma once
#include <algorithm>

namespace loci::pg {

/// How many long idle connections a pool closes at a time. What was needed at once not long ago may
/// be needed again, so below that peak only one goes in each round.
class SlowShrink {
public:
  explicit SlowShrink(int min_connections) : min_(min_connections) {}

  /// So many connections are in use or waited for.
  void needed(int connections) { peak_ = std::max(peak_, connections); }

  /// One round: of `total` connections, `idle_too_long` may go; gives how many do.
  int round(int total, int idle_too_long) {
    const int above_peak = std::max(total - std::max(peak_, min_), 0);
    const int going = std::max(std::min({idle_too_long, above_peak + 1, total - min_}), 0);
    if (going > 0) peak_ = std::min(peak_, total - going);
    return going;
  }

private:
  const int min_;
  int peak_ = 0;
};

}  // namespace loci::pg
