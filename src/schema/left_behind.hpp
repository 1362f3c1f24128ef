#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/pool.hpp>

#include <string_view>

namespace loci::schema {

/// For a statement that cannot run in a transaction, and that a run which was cut off may have
/// begun: takes away what it left half done, such as an invalid index. True when it had been done,
/// and must not run again.
[[nodiscard]] boost::asio::awaitable<bool> settle_left_behind(pg::Lease& lease,
                                                              std::string_view statement,
                                                              Deadline deadline);

/// Whether such a statement, which the server has just refused, left something half done all the
/// same: the building of an index may fail in a function of its expression.
[[nodiscard]] boost::asio::awaitable<bool> left_something(pg::Lease& lease,
                                                          std::string_view statement,
                                                          Deadline deadline);

}  // namespace loci::schema
