#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace loci::pg {

/// A coroutine that waits for a T or an exception: the completion handler of `use_awaitable` as it
/// is. Erased into `any_completion_handler` it would cost four allocations a wait, one for the
/// handler and one for each look at its executor.
///
/// Empty when default-made, moved from or completed. When it goes without being completed, so does
/// the coroutine.
template <class T>
class Awaiting {
  using Handler = typename boost::asio::async_result<boost::asio::use_awaitable_t<>,
                                                     void(std::exception_ptr, T)>::handler_type;

public:
  using executor_type = boost::asio::any_io_executor;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  Awaiting() = default;
  explicit Awaiting(Handler handler) : handler_(std::move(handler)) {}
  Awaiting(Awaiting&& other) noexcept { take(other); }
  Awaiting& operator=(Awaiting&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~Awaiting() = default;

  explicit operator bool() const noexcept { return handler_.has_value(); }

  // What Asio asks a handler.
  [[nodiscard]] executor_type get_executor() const noexcept { return handler_->get_executor(); }
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return handler_->get_cancellation_slot();
  }
  void operator()(std::exception_ptr failure, T value) {
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)(std::move(failure), std::move(value));
  }

private:
  void take(Awaiting& other) {
    handler_.reset();
    if (other.handler_) handler_.emplace(std::move(*other.handler_));
    other.handler_.reset();
  }

  std::optional<Handler> handler_;
};

}  // namespace loci::pg
