#pragma once
#include <loci/base/deadline.hpp>

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace loci::storage {

template <class T>
using Task = boost::asio::awaitable<T>;

/// The time a call may take when the caller does not say.
[[nodiscard]] inline Deadline default_deadline() {
  return Deadline::after(std::chrono::seconds(30));
}

}  // namespace loci::storage
