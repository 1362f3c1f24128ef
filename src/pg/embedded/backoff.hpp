#pragma once
#include <algorithm>
#include <chrono>
#include <thread>

namespace loci::pg::embedded {

/// The pauses between two looks at a condition that nobody announces: 1 ms at first, 50 ms at most.
class Backoff {
public:
  void wait() {
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 2, std::chrono::milliseconds(50));
  }

private:
  std::chrono::milliseconds pause_{1};
};

}  // namespace loci::pg::embedded
