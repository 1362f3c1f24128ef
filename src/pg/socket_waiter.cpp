#include "pg/socket_waiter.hpp"

#include <loci/base/error.hpp>

#include <unistd.h>
#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>

namespace loci::pg {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using ErrorCode = boost::system::error_code;

// The waiting coroutine, the timer's handler and that of a wait for writing may run on different
// threads: all of it is guarded by the mutex.
struct SocketWaiter::State : std::enable_shared_from_this<State> {
  explicit State(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}

  void arm();
  void timer_fired();
  void wait_for_writing();
  void wake();
  template <class Handler>
  void start(Descriptor::wait_type kind, Handler handler);

  std::mutex mutex;
  Descriptor socket;
  asio::steady_timer timer;
  Deadline due = Deadline::never();                                        // of the wait under way
  Deadline::Clock::time_point armed = Deadline::Clock::time_point::max();  // when the timer fires
  bool expired = false;
  bool writing = false;  // a wait for writing is pending
  bool woken = false;    // the wait under way is to end, perhaps before it has begun
};

void SocketWaiter::State::arm() {
  if (due.at() >= armed) return;
  armed = due.at();
  timer.expires_at(armed);
  timer.async_wait([state = shared_from_this()](const ErrorCode& error) {
    if (!error) state->timer_fired();
  });
}

void SocketWaiter::State::timer_fired() {
  const std::scoped_lock lock(mutex);
  armed = Deadline::Clock::time_point::max();
  if (due.is_never()) return;
  if (!due.passed()) {
    arm();
    return;
  }
  expired = true;
  wake();
}

// Becoming writable ends a wait for reading; waking up early is harmless.
void SocketWaiter::State::wait_for_writing() {
  if (writing) return;
  writing = true;
  socket.async_wait(Descriptor::wait_write, [state = shared_from_this()](const ErrorCode& error) {
    const std::scoped_lock lock(state->mutex);
    state->writing = false;
    if (!error) state->wake();
  });
}

void SocketWaiter::State::wake() {
  woken = true;
  ErrorCode ignored;
  socket.cancel(ignored);  // NOLINT(bugprone-unused-return-value)
}

template <class Handler>
void SocketWaiter::State::start(Descriptor::wait_type kind, Handler handler) {
  const auto alive = shared_from_this();  // the caller may go on on another thread before we return
  const std::scoped_lock lock(mutex);
  if (woken) {
    asio::post(socket.get_executor(),
               asio::append(std::move(handler), ErrorCode(asio::error::operation_aborted)));
  } else {
    socket.async_wait(kind, std::move(handler));
  }
}

SocketWaiter::SocketWaiter(asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {}

SocketWaiter::~SocketWaiter() {
  forget();
  const std::scoped_lock lock(state_->mutex);
  state_->timer.cancel();
}

void SocketWaiter::watch(int descriptor) {
  forget();
  const int copy = ::dup(descriptor);
  if (copy < 0) throw Error(ErrorKind::io, "cannot watch a socket: out of file descriptors");
  const std::scoped_lock lock(state_->mutex);
  state_->socket.assign(copy);
}

void SocketWaiter::forget() noexcept {
  const std::scoped_lock lock(state_->mutex);
  ErrorCode ignored;
  state_->socket.close(ignored);  // NOLINT(bugprone-unused-return-value)
  state_->writing = false;
}

asio::awaitable<Woken> SocketWaiter::wait(Want want, Deadline deadline, Cancellation cancellation) {
  const std::shared_ptr<State> state = state_;
  const asio::cancellation_state caller = co_await asio::this_coro::cancellation_state;
  // It may have come while nobody waited.
  const auto cancelled = [&] {
    return cancellation == Cancellation::heeded &&
           caller.cancelled() != asio::cancellation_type::none;
  };
  if (cancelled()) co_return Woken::cancelled;
  if (deadline.passed()) co_return Woken::late;
  {
    const std::scoped_lock lock(state->mutex);
    state->due = deadline;
    state->expired = false;
    state->woken = false;
    state->arm();
    if (want == Want::read_or_write) state->wait_for_writing();
  }
  const auto kind = want == Want::write ? Descriptor::wait_write : Descriptor::wait_read;
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  const auto [error] = co_await asio::async_initiate<decltype(token), void(ErrorCode)>(
      [state, kind](auto handler) { state->start(kind, std::move(handler)); }, token);
  bool expired = false;
  {
    const std::scoped_lock lock(state->mutex);
    state->due = Deadline::never();
    expired = state->expired;
  }
  if (!error) co_return Woken::ready;
  if (error != asio::error::operation_aborted) throw boost::system::system_error(error);
  if (cancelled()) co_return Woken::cancelled;
  co_return expired ? Woken::late : Woken::ready;
}

}  // namespace loci::pg
