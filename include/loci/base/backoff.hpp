#pragma once
#include <algorithm>
#include <chrono>

namespace loci {

/// The longest pause after so many failures in a row (1 or more) of exponential backoff:
/// min(cap, first * 2^(failures - 1)). A caller waits a random part of it, so that those who failed
/// together do not come back together ("full jitter":
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
template <class Duration>
[[nodiscard]] constexpr Duration backoff_limit(Duration first, Duration cap, int failures) {
  Duration limit = std::min(first, cap);
  for (int i = 1; i < failures && limit < cap; ++i) {
    limit = limit > cap / 2 ? cap : limit * 2;
  }
  return limit;
}

}  // namespace loci
