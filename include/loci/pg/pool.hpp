#pragma once
#include <loci/pg/copy_out.hpp>
#include <loci/pg/pool_options.hpp>
#include <loci/pg/pool_statistics.hpp>
#include <loci/pg/session.hpp>
#include <loci/pg/statement_statistics.hpp>
#include <loci/pg/stream.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loci::pg {

class Connection;
class PoolState;
class SharedLane;

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

  /// EXPLAIN (GENERIC_PLAN): the plan that a statement gets whatever its parameters, a line each.
  [[nodiscard]] boost::asio::awaitable<std::string> generic_plan(std::string sql,
                                                                 Deadline deadline);

  /// What types that go by name are in this database, for CopyRows. Asks the server for those that
  /// the pool does not know yet. Errors: configuration, when there is no such type.
  [[nodiscard]] boost::asio::awaitable<std::vector<KnownType>> know_types(std::vector<TypeId> types,
                                                                          Deadline deadline);

  boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, CopySource next,
                                                Deadline deadline) override;

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
/// Thread safety: every member may be called from any thread. A leased connection works on its
/// caller's own executor, so callers may live on any. Lifetime: leases keep what they need alive;
/// close() makes further calls throw Error{closed}. Until then the executor's loop has work (the
/// next health check), unless health_check_period is zero.
///
/// Failover: when a server says that it shuts down or has crashed, or has changed its role, every
/// connection made before is closed, at once or when it comes back; when a connection is merely
/// lost, the idle ones are probed before they are used again.
class Pool final : public Session {
public:
  /// Errors: configuration, of options that contradict themselves.
  Pool(boost::asio::any_io_executor executor, PoolOptions options);
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Leases one connection for exclusive use, oldest waiter first, handed over directly.
  /// Errors: pool_timeout, with the last connect error in its text, or at once when max_waiters
  /// wait already; connect, at once, when no connection was ever made; closed; cancelled.
  [[nodiscard]] boost::asio::awaitable<Lease> acquire(Deadline deadline);

  /// Runs requests on a connection of the pool's choice; the whole list on the same one. When all
  /// of them only read (Lane::shared) and their connection is lost, they run once more on another.
  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;

  /// A statement of Lane::shared travels with those of other callers on a shared connection, unless
  /// it proved slow or large; any other has a connection to itself.
  boost::asio::awaitable<Result> execute_one(Request request, Deadline deadline) override;

  boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, CopySource next,
                                                Deadline deadline) override;

  [[nodiscard]] PoolStatistics statistics() const;
  /// Of every statement that ran here, the one that took the most time in all first.
  [[nodiscard]] std::vector<StatementStatistics> statement_statistics() const;

  /// Closes every connection there is now: idle ones at once, leased ones when they come back.
  /// What was prepared on them, and what is known of the database's types, is forgotten.
  void reset();

  /// Refuses new callers, fails those waiting, closes what is idle; leases out close when they
  /// return.
  void close();

  /// After close(): until every lease is back and every connection is closed.
  /// Errors: timeout, saying how many are out; cancelled.
  [[nodiscard]] boost::asio::awaitable<void> wait_closed(Deadline deadline);

private:
  boost::asio::awaitable<std::vector<Result>> execute_once(std::vector<Request> requests,
                                                           Deadline deadline);
  std::shared_ptr<PoolState> state_;
  std::shared_ptr<SharedLane> lane_;
};

}  // namespace loci::pg
