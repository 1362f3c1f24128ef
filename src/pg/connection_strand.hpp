#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "pg/connection.hpp"

namespace loci::pg {

template <class T>
boost::asio::awaitable<T> Connection::on_strand(boost::asio::awaitable<T> work, std::string name,
                                                bool writes) {
  const bool whole = stream_ != Stream::broken;
  const auto told = [&](const Error& error) {
    const Error named = error.server() != nullptr ? error : error.with_context(name);
    const bool cut_short = whole && stream_ == Stream::broken;
    return writes && cut_short && !undone_ ? named.with_unknown_outcome() : named;
  };
  try {
    co_return co_await boost::asio::co_spawn(strand_, std::move(work), boost::asio::use_awaitable);
  } catch (const boost::system::system_error& error) {
    const bool aborted = error.code() == boost::asio::error::operation_aborted;
    throw told(Error(aborted ? ErrorKind::cancelled : ErrorKind::connection_lost, error.what()));
  } catch (const Error& error) {
    throw told(error);
  }
}

}  // namespace loci::pg
