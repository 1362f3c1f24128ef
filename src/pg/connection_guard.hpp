#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "pg/connection.hpp"

namespace loci::pg {

template <class T>
boost::asio::awaitable<T> Connection::guarded(boost::asio::awaitable<T> work, std::string name,
                                              bool writes) {
  const bool whole = stream_ != Stream::broken;
  const auto told = [&](const Error& error) {
    const Error named = error.kind() == ErrorKind::server ? error : error.with_context(name);
    const bool cut_short = whole && stream_ == Stream::broken;
    return writes && cut_short && !undone_ ? named.with_unknown_outcome() : named;
  };
  try {
    co_return co_await std::move(work);
  } catch (const boost::system::system_error& error) {
    const bool aborted = error.code() == boost::asio::error::operation_aborted;
    throw told(Error(aborted ? ErrorKind::cancelled : ErrorKind::connection_lost, error.what()));
  } catch (const Error& error) {
    throw told(error);
  }
}

}  // namespace loci::pg
