#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/libpq.hpp"

namespace loci::pg {

/// PQconnectStartParams() without its last argument; tests put something slow in its place.
using StartConnect = std::function<PGconn*(const char* const* keywords, const char* const* values)>;

struct ConninfoDeleter {
  void operator()(PQconninfoOption* info) const noexcept { PQconninfoFree(info); }
};
using ParsedConninfo = std::unique_ptr<PQconninfoOption, ConninfoDeleter>;

/// Never null. Errors: Error{configuration}; its text holds nothing of `text`.
[[nodiscard]] ParsedConninfo parse_conninfo(const std::string& text);

/// What holds where neither the connection string, a service file nor the environment says
/// otherwise.
struct ConninfoDefaults {
  std::map<std::string, std::string> settings;  ///< As if SET at the beginning.
  std::chrono::seconds dead_peer_timeout{0};    ///< As PoolOptions has it; 0: the system's own.
};

/// A connection string taken apart, with Loci's own settings added.
class Conninfo {
public:
  /// `settings` start the session, as if SET. Errors: Error{configuration}; its text holds nothing
  /// of `text`, which may hold a password.
  ///
  /// A server that is neither a unix socket nor on loopback must prove who it is
  /// (sslmode=verify-full) unless the connection string, PGSSLMODE or a service file says what
  /// else. Behind `pgbouncer`, which refuses them, no settings are sent.
  Conninfo(const std::string& text, const std::map<std::string, std::string>& settings,
           const ConninfoDefaults& defaults = {}, bool pgbouncer = false);

  /// Whether connecting may wait for a name server (fact F14). False only when it is certain that
  /// every host is a unix socket.
  [[nodiscard]] bool may_block() const noexcept { return may_block_; }

  /// Never null unless out of memory; look at PQstatus().
  [[nodiscard]] PgConnPtr start(const StartConnect& start) const;

  /// How many servers it names; libpq tries them in turn.
  [[nodiscard]] std::size_t servers() const noexcept { return servers_.size(); }

  /// Leaves out the server that `connection`, made by start(), is trying. False when it names none
  /// of several.
  bool strike(const PGconn* connection);

  /// What libpq is given under this keyword; empty when nothing.
  [[nodiscard]] std::string_view value(std::string_view keyword) const noexcept;

private:
  struct Server {
    std::string host;
    std::string address;
    std::string port;
  };
  void add(std::string keyword, std::string value);
  void list_servers(std::string_view hosts, std::string_view addresses, std::string_view ports);
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::vector<Server> servers_;
  bool may_block_ = true;
};

}  // namespace loci::pg
