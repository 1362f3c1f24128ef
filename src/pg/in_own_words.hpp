#pragma once
#include <loci/base/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

namespace loci::pg {

/// Throws `failure`, but Error{cancelled} for what Asio throws when a cancelled coroutine awaits
/// one thing more.
[[noreturn]] inline void rethrow_in_own_words(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() != boost::asio::error::operation_aborted) throw;
    throw Error(ErrorKind::cancelled, "cancelled between two steps");
  }
}

/// Runs what awaits several things, one after the other.
template <class T>
boost::asio::awaitable<T> in_own_words(boost::asio::awaitable<T> work) {
  try {
    co_return co_await std::move(work);
  } catch (const boost::system::system_error&) {
    rethrow_in_own_words(std::current_exception());
  }
}

}  // namespace loci::pg
