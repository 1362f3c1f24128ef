#pragma once
#include <loci/pg/pool.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "window.hpp"

namespace loci::bench {

constexpr std::uint64_t k_bulk_rows = 200'000;

struct Bulk {
  std::uint64_t rows = 0;  ///< That the server confirmed.
  Span span;               ///< From the first call to the confirmation.
};

/// W5: typed rows, made as they are sent, through COPY on one connection.
[[nodiscard]] boost::asio::awaitable<Bulk> copy_messages(pg::Pool& pool);

}  // namespace loci::bench
