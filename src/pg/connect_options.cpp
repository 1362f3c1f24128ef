#include "pg/connect_options.hpp"

#include <utility>

namespace loci::pg {

namespace asio = boost::asio;

namespace {

ConninfoDefaults defaults(const PoolOptions& options) {
  ConninfoDefaults made{.settings = {}, .dead_peer_timeout = options.dead_peer_timeout};
  const auto limit = [&made](const char* setting, std::chrono::milliseconds value) {
    if (value.count() > 0) made.settings.emplace(setting, std::to_string(value.count()));
  };
  limit("statement_timeout", options.statement_timeout);
  limit("lock_timeout", options.lock_timeout);
  limit("idle_in_transaction_session_timeout", options.idle_in_transaction_timeout);
  return made;
}

}  // namespace

asio::awaitable<Connection::Options> connect_options(const PoolOptions& options,
                                                     Deadline deadline) {
  std::string conninfo = options.conninfo;
  if (options.hooks.before_connect) {
    conninfo = co_await options.hooks.before_connect(std::move(conninfo), deadline);
  }
  const ConninfoDefaults limits = defaults(options);
  std::map<std::string, std::string> settings = options.settings;
  // PgBouncer refuses them at the start, so they go the way of the settings.
  if (options.pgbouncer) settings.insert(limits.settings.begin(), limits.settings.end());
  co_return Connection::Options{.conninfo = std::move(conninfo),
                                .settings = std::move(settings),
                                .start = {},
                                .statement_cache = options.statement_cache,
                                .pgbouncer = options.pgbouncer,
                                .defaults = limits,
                                .observer = {},
                                .cancel_patience = options.cancel_patience};
}

}  // namespace loci::pg
