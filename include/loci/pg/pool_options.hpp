#pragma once
#include <loci/base/deadline.hpp>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace loci::pg {

class Session;

/// When a pool opens its first connections.
enum class PoolStart : std::uint8_t {
  lazy,   ///< When a caller needs them; min_connections of those then opened are kept.
  eager,  ///< min_connections at once, in the background, and again whenever fewer are left.
};

/// What a hook may go by.
struct ConnectionFacts {
  int server_pid;  ///< Of the server's process for it.
  std::chrono::milliseconds age;
  std::chrono::milliseconds unused;  ///< Since it last came back.
  std::uint64_t uses;                ///< Leases until now.
};

/// Code of the user's own at four points of a connection's life. Called from any thread, several at
/// once, never under a lock of the pool. The deadline is that of connect_timeout, for all of a
/// connect; a check that throws has said no.
struct PoolHooks {
  /// Gives the connection string to connect with; it is passed the pool's own. For passwords that
  /// change. Throwing counts as a failed connect.
  std::function<boost::asio::awaitable<std::string>(std::string conninfo, Deadline deadline)>
      before_connect;
  /// Prepares a new connection. Throwing, or leaving a transaction open, closes it and counts as a
  /// failed connect.
  std::function<boost::asio::awaitable<void>(Session& fresh, Deadline deadline)> after_connect;
  /// May the next caller have it? False closes it. May be asked more than once for each lease.
  std::function<bool(const ConnectionFacts&)> before_hand_out;
  /// May it be used again? Asked of connections that came back clean; false closes it.
  std::function<bool(const ConnectionFacts&)> after_return;
};

class Tracer;

/// What is watched of the statements that run.
struct ObserveOptions {
  bool statistics = true;  ///< Count and time each statement: Pool::statement_statistics().
  bool slow_query_log = true;
  /// A statement that takes longer is logged by its name, never with its parameters; 0: none is.
  std::chrono::milliseconds slow_query_threshold{1000};
  /// Then log its generic plan too, once for each statement. For development: a plan quotes the
  /// constants of the statement's text.
  bool explain_slow_queries = false;
  std::shared_ptr<Tracer> tracer;  ///< Null: nobody else is told.
};

/// The server's own module auto_explain: it writes the plan of what was slow into the server's log.
/// Those who read that log see the constants of a plan, and with them parameters, never the
/// parameters by themselves. For development, and for a while.
struct AutoExplainOptions {
  bool enabled = false;
  bool log_analyze = false;  ///< With what really happened; every statement is slowed by it.
  bool log_buffers = false;  ///< With log_analyze: how many buffers each step touched.
  bool log_timing = true;    ///< With log_analyze: how long each step took.
  /// Of a statement whose plan is written; 0: of every one.
  std::chrono::milliseconds min_duration{1000};
};

/// What a pool may do. Every duration and every cap of zero switches its feature off, except
/// max_connections and max_connecting.
struct PoolOptions {
  /// libpq connection string or URI. Several servers are tried in turn; one that does not answer is
  /// left out when its share of connect_timeout is over.
  std::string conninfo;
  int max_connections = 30;  ///< Hard cap; 1 or more.
  /// Kept open however long they are idle; at most max_connections. Unset: 5, or max_connections
  /// where that is less.
  std::optional<int> min_connections;
  std::chrono::milliseconds acquire_timeout{5000};   ///< Waiting longer throws Error{pool_timeout}.
  std::chrono::milliseconds connect_timeout{10000};  ///< For one attempt to connect.
  /// After its deadline, or when the caller cancels, a call waits this long for the server to stop
  /// its statement, so that the connection can be used again; then the connection is given up.
  std::chrono::milliseconds cancel_patience{40};
  /// Settings every connection starts with, as if SET at its beginning (`loci.tenant_id`, ...).
  /// They win over the connection string and over the limits below.
  std::map<std::string, std::string> settings;

  /// Of max_connections, how many may carry the reads of many callers at once (Lane::shared); at
  /// most half, or the only one. 0: none, every statement has a connection to itself.
  int shared_connections = 4;
  /// Prepared statements kept on each connection, the most recently used; 0 prepares none.
  std::size_t statement_cache = 256;
  /// The server is reached through PgBouncer in transaction pooling: nothing is prepared, nothing
  /// is set at the start, and `settings` and the server's limits below are put at the head of each
  /// transaction instead. A statement that refuses to run in a transaction block (VACUUM) then
  /// needs a pool with none of them; LISTEN, and whatever else lives in a session, needs the server
  /// itself.
  bool pgbouncer = false;

  std::size_t max_waiters = 10'000;  ///< More are refused at once with Error{pool_timeout}.
  int max_connecting = 4;            ///< Connects in flight; 1 or more.
  PoolStart start = PoolStart::lazy;

  /// A connection older than this is closed when it is free.
  std::chrono::milliseconds max_lifetime = std::chrono::hours(1);
  /// Each lives up to so much less, so that those opened together do not go together; at most
  /// max_lifetime. Unset: a tenth of that.
  std::optional<std::chrono::milliseconds> max_lifetime_jitter;
  /// Connections above min_connections that nobody has needed for this long are closed, and below
  /// the highest number lately needed at once only one in each health_check_period.
  std::chrono::milliseconds max_idle_time = std::chrono::minutes(15);
  /// How often idle connections are looked after: those unused since the last time are probed.
  /// Zero: never, so that max_idle_time has no effect.
  std::chrono::milliseconds health_check_period = std::chrono::minutes(1);
  /// After a failed connect the next waits a random time up to twice the last limit, which begins
  /// at 100 ms and ends here.
  std::chrono::milliseconds reconnect_pause_cap = std::chrono::seconds(5);
  /// A peer that answers nothing for this long is given up by the operating system (libpq's
  /// keepalives and tcp_user_timeout, where the connection string does not set them).
  std::chrono::seconds dead_peer_timeout{5};

  /// The server's own limits, where neither `settings` nor the connection string set them.
  std::chrono::milliseconds statement_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds idle_in_transaction_timeout = std::chrono::minutes(1);

  PoolHooks hooks;
  ObserveOptions observe;
  /// Where the module is not loaded, or its settings are not this role's to change, a warning says
  /// so once, with what an administrator does about it, and the pool works on without.
  AutoExplainOptions auto_explain;
};

/// What optimize_pool() goes by.
struct PoolLoad {
  unsigned server_cores = 0;     ///< Of the machine PostgreSQL runs on; 0: as many as this one has.
  bool high_throughput = false;  ///< Many short statements all day, rather than some now and then.
};

/// The same options with sizes that fit the server: twice its cores and one, a quarter of them kept
/// open. For high throughput, lifetimes are short as well: what a busy connection gathers (plans,
/// caches) goes sooner, and a new host behind the same name gets its share sooner.
[[nodiscard]] PoolOptions optimize_pool(PoolOptions options, const PoolLoad& load = {});

}  // namespace loci::pg
