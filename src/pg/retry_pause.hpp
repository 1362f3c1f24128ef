#pragma once
#include <loci/base/deadline.hpp>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <random>

namespace loci::pg {

/// How long to wait before trying again: evenly between nothing and a bound that doubles each time,
/// so that callers who failed together do not come back together.
class RetryPause {
public:
  using Span = std::chrono::microseconds;

  RetryPause(Span first, Span longest, std::uint32_t seed = std::random_device()())
      : bound_(first), longest_(longest), random_(seed) {}

  [[nodiscard]] Span next() {
    const Span pause(std::uniform_int_distribution<Span::rep>(0, bound_.count())(random_));
    bound_ = std::min(bound_ * 2, longest_);
    return pause;
  }

private:
  Span bound_;
  Span longest_;
  std::minstd_rand random_;
};

/// Waits on the calling coroutine's executor. False, at once, when the deadline comes before the
/// end of the pause.
[[nodiscard]] boost::asio::awaitable<bool> pause_for(RetryPause::Span pause, Deadline deadline);

}  // namespace loci::pg
