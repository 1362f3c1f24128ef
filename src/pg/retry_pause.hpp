#pragma once
#include <loci/base/backoff.hpp>
#include <loci/base/deadline.hpp>

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
      : first_(first), longest_(longest), random_(seed) {}

  [[nodiscard]] Span next() {
    const Span limit = backoff_limit(first_, longest_, ++failures_);
    return Span(std::uniform_int_distribution<Span::rep>(0, limit.count())(random_));
  }

private:
  Span first_;
  Span longest_;
  int failures_ = 0;
  std::minstd_rand random_;
};

/// Waits on the calling coroutine's executor. False, at once, when the deadline comes before the
/// end of the pause.
[[nodiscard]] boost::asio::awaitable<bool> pause_for(RetryPause::Span pause, Deadline deadline);

}  // namespace loci::pg
