#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/pool_options.hpp>

#include <atomic>
#include <boost/asio/awaitable.hpp>

namespace loci::pg {

class Connection;

/// Switches auto_explain on for the connections of a pool, one by one as they are made: as startup
/// settings they would keep a role without the right to them from connecting at all. Any thread.
class AutoExplain {
public:
  AutoExplain(const AutoExplainOptions& options, bool pgbouncer);

  /// Does nothing when it is not wanted, or was refused before. A refusal is logged once.
  /// Errors: of the connection.
  [[nodiscard]] boost::asio::awaitable<void> switch_on(Connection& connection, Deadline deadline);

private:
  const AutoExplainOptions options_;
  const bool pgbouncer_;
  std::atomic<bool> given_up_;
};

}  // namespace loci::pg
