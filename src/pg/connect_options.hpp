#pragma once
#include <loci/pg/pool_options.hpp>

#include "pg/connection.hpp"

namespace loci::pg {

/// What a connection with these options is opened with, nobody looking on. Asks the user's hook
/// before_connect, whose exceptions it throws; `options` outlives the call.
[[nodiscard]] boost::asio::awaitable<Connection::Options> connect_options(
    const PoolOptions& options, Deadline deadline);

}  // namespace loci::pg
