#pragma once
#include <loci/pg/copy_out.hpp>
#include <loci/pg/session.hpp>
#include <loci/pg/stream.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loci::pg {

class Connection;
class PoolState;
class SharedLane;

/// What a pool may do.
struct PoolOptions {
  std::string conninfo;      ///< libpq connection string or URI.
  int max_connections = 30;  ///< Hard cap; 1 or more.
  /// Of them, how many may carry the reads of many callers at once (Lane::shared); at most half, or
  /// the only one. 0: none, every statement has a connection to itself.
  int shared_connections = 4;
  int min_connections = 0;  ///< Opened ahead of need, in the background; at most max_connections.
  std::chrono::milliseconds acquire_timeout{5000};   ///< Waiting longer throws Error{pool_timeout}.
  std::chrono::milliseconds connect_timeout{10000};  ///< For one attempt to connect.
  /// Settings every connection starts with, as if SET at its beginning (`loci.tenant_id`, ...).
  std::map<std::string, std::string> settings;
  /// Prepared statements kept on each connection, the most recently used; 0 prepares none.
  std::size_t statement_cache = 256;
  /// The server is reached through PgBouncer in transaction pooling: nothing is prepared, nothing
  /// is set at the start, and `settings` are put at the head of each transaction instead. A
  /// statement that refuses to run in a transaction block then needs an empty `settings`; LISTEN,
  /// and whatever else lives in a session, needs the server itself.
  bool pgbouncer = false;
};

struct PoolStatistics {
  int open = 0;  ///< Connections, leased ones included.
  int idle = 0;
  int opening = 0;
  int waiting = 0;  ///< Callers in the queue.
  std::uint64_t acquired = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t connect_errors = 0;
  std::uint64_t retired = 0;  ///< Connections closed because they were lost or not proven clean.
};

/// What the server says of a statement when it is prepared but not run.
struct Description {
  struct Column {
    std::string name;
    std::uint32_t type_oid;
    std::int32_t type_modifier;
    std::uint32_t table_oid;    ///< 0: an expression.
    std::int16_t table_column;  ///< Number in the table; 0: an expression.
  };
  std::vector<std::uint32_t> parameters;  ///< Type OIDs of $1, $2, ...
  std::vector<Column> columns;            ///< Empty for a statement without rows.
};

/// One connection for exclusive use; goes back to its pool when destroyed. Move only.
///
/// A lease that comes back with a transaction open is rolled back before the next caller gets it;
/// one whose stream position is not proven clean is closed and replaced. Settings, locks and
/// temporary tables of the session are the caller's to undo.
class Lease final : public Session {
public:
  Lease(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection);
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease() override;

  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;

  /// Runs SQL text of any number of statements without parameters, as psql would: migrations, DDL.
  /// Several statements are one implicit transaction unless the text says BEGIN.
  [[nodiscard]] boost::asio::awaitable<void> script(std::string sql, std::string name,
                                                    Deadline deadline);

  /// Asks the server what a statement takes and gives, without running it.
  [[nodiscard]] boost::asio::awaitable<Description> describe(std::string sql, Deadline deadline);

  /// COPY FROM STDIN in binary: `sql` is the whole COPY statement, `next` fills a chunk with whole
  /// rows made by CopyRows and returns false when there are no more. Gives the number of rows.
  /// When `next` throws, the COPY is ended as failed and nothing of it stays.
  using CopySource = std::function<bool(std::string& chunk)>;
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, CopySource next,
                                                              Deadline deadline);

  /// COPY TO STDOUT in binary: `sql` is the whole COPY statement. The rows come as they are asked
  /// for; typed ones: see copy.hpp.
  [[nodiscard]] boost::asio::awaitable<CopyOut> copy_out(std::string sql, Deadline deadline);

  /// Runs one query whose rows come in chunks of at most `chunk_rows` (1 or more) as they are asked
  /// for, in flat memory. An error of the query before its first row is thrown here.
  template <Query Q>
  [[nodiscard]] boost::asio::awaitable<RowStream<Q>> stream(Q query, Deadline deadline,
                                                            int chunk_rows = 256) {
    co_return RowStream<Q>(co_await stream_results(request(query), deadline, chunk_rows));
  }
  /// What stream() stands on.
  [[nodiscard]] boost::asio::awaitable<ResultStream> stream_results(Request request,
                                                                    Deadline deadline,
                                                                    int chunk_rows = 256);

  [[nodiscard]] Connection& connection() noexcept { return *connection_; }

private:
  void give_back() noexcept;
  std::shared_ptr<PoolState> pool_;
  std::unique_ptr<Connection> connection_;
};

/// Connections to one database, shared by any number of callers.
///
/// Thread safety: every member may be called from any thread. Each connection works on a strand of
/// its own, so callers may live on any executor. Lifetime: leases keep what they need alive;
/// close() makes further calls throw Error{closed}.
class Pool final : public Session {
public:
  Pool(boost::asio::any_io_executor executor, PoolOptions options);
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Leases one connection for exclusive use, oldest waiter first, handed over directly.
  /// Errors: pool_timeout with the last connect error in its text; connect; closed.
  [[nodiscard]] boost::asio::awaitable<Lease> acquire(Deadline deadline);

  /// Runs requests on a connection of the pool's choice; the whole list on the same one.
  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;

  /// A statement of Lane::shared travels with those of other callers on a shared connection, unless
  /// it proved slow or large; any other has a connection to itself.
  boost::asio::awaitable<Result> execute_one(Request request, Deadline deadline) override;

  [[nodiscard]] PoolStatistics statistics() const;

  /// Refuses new callers, fails those waiting, closes what is idle; leases out close when they
  /// return.
  void close();

private:
  std::shared_ptr<PoolState> state_;
  std::shared_ptr<SharedLane> lane_;
};

}  // namespace loci::pg
