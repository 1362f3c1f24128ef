#include "storage/mock/waiting.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace loci::storage::mock {

namespace asio = boost::asio;

Task<bool> wait_for(std::chrono::microseconds span, Deadline deadline) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::min(Deadline::Clock::now() + span, deadline.at()));
  try {
    co_await timer.async_wait(asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    throw Error(ErrorKind::cancelled, "the call was cancelled");
  }
  co_return !deadline.passed();
}

}  // namespace loci::storage::mock
