#include "pg/retry_pause.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace loci::pg {

namespace asio = boost::asio;

asio::awaitable<bool> pause_for(RetryPause::Span pause, Deadline deadline) {
  const auto end = Deadline::Clock::now() + pause;
  if (!deadline.is_never() && end >= deadline.at()) co_return false;
  asio::steady_timer timer(co_await asio::this_coro::executor, end);
  co_await timer.async_wait(asio::use_awaitable);
  co_return true;
}

}  // namespace loci::pg
