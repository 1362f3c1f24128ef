#include "pg/socket_waiter.hpp"

#include <loci/base/error.hpp>

#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace loci::pg {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

struct SocketWaiter::State {
  explicit State(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  Descriptor socket;
  asio::steady_timer timer;
  Deadline armed = Deadline::never();  // what the timer is set to
  bool expired = false;
  bool writing = false;  // a wait for writing is pending
};

SocketWaiter::SocketWaiter(asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {}

SocketWaiter::~SocketWaiter() {
  forget();
  state_->timer.cancel();
}

void SocketWaiter::watch(int descriptor) {
  forget();
  const int copy = ::dup(descriptor);
  if (copy < 0) throw Error(ErrorKind::io, "cannot watch a socket: out of file descriptors");
  state_->socket.assign(copy);
}

void SocketWaiter::forget() noexcept {
  boost::system::error_code ignored;
  state_->socket.close(ignored);  // NOLINT(bugprone-unused-return-value)
  state_->writing = false;
}

asio::awaitable<bool> SocketWaiter::wait(Want want, Deadline deadline) {
  const std::shared_ptr<State> state = state_;
  if (deadline.passed()) co_return false;
  if (state->armed.at() != deadline.at()) {
    state->armed = deadline;
    state->expired = false;
    state->timer.cancel();
    if (!deadline.is_never()) {
      state->timer.expires_at(deadline.at());
      state->timer.async_wait([state, deadline](const boost::system::error_code& error) {
        if (error || state->armed.at() != deadline.at()) return;
        state->expired = true;
        boost::system::error_code ignored;
        state->socket.cancel(ignored);  // NOLINT(bugprone-unused-return-value)
      });
    }
  }
  if (want == Want::read_or_write && !state->writing) {
    // Becoming writable ends the wait below; waking up early is harmless.
    state->writing = true;
    state->socket.async_wait(
        Descriptor::wait_write, [state](const boost::system::error_code& error) {
          state->writing = false;
          boost::system::error_code ignored;
          if (!error) state->socket.cancel(ignored);  // NOLINT(bugprone-unused-return-value)
        });
  }
  const auto kind = want == Want::write ? Descriptor::wait_write : Descriptor::wait_read;
  const auto [error] = co_await state->socket.async_wait(kind, asio::as_tuple(asio::use_awaitable));
  if (!error) co_return true;
  if (error != asio::error::operation_aborted) throw boost::system::system_error(error);
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(error);
  }
  co_return !state->expired;
}

}  // namespace loci::pg
