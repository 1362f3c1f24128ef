#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "pg/connection.hpp"

namespace loci::pg {

template <class T>
boost::asio::awaitable<T> Connection::guarded(boost::asio::awaitable<T> work, std::string name,
                                              bool writes) {
  namespace asio = boost::asio;
  const bool whole = stream_ != Stream::broken;
  // A cancelled coroutine may wait for the end of what it began only when awaiting does not throw.
  // One that was cancelled before, and calls all the same, is cleaning up.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  const asio::cancellation_state caller = co_await asio::this_coro::cancellation_state;
  const bool cleans_up = caller.cancelled() != asio::cancellation_type::none;
  co_await asio::this_coro::throw_if_cancelled(false);
  cancellation_ = cleans_up ? Cancellation::ignored : Cancellation::heeded;
  caller_left_ = false;
  const auto told = [&](const Error& error) {
    const Error named = error.kind() == ErrorKind::server ? error : error.with_context(name);
    const bool cut_short = whole && stream_ == Stream::broken;
    return writes && cut_short && !undone_ ? named.with_unknown_outcome() : named;
  };
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
  std::exception_ptr failure;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(work);
    } else {
      value.emplace(co_await std::move(work));
    }
  } catch (const boost::system::system_error& error) {
    const bool aborted = error.code() == asio::error::operation_aborted;
    failure = std::make_exception_ptr(
        told(Error(aborted ? ErrorKind::cancelled : ErrorKind::connection_lost, error.what())));
  } catch (const Error& error) {
    failure = std::make_exception_ptr(told(error));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<T>) co_return *std::move(value);
}

}  // namespace loci::pg
