#include <loci/base/error.hpp>
#include <loci/pg/pool.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <loci/base/log.hpp>

#include "pg/connection.hpp"
#include "pg/in_own_words.hpp"
#include "pg/pool_state.hpp"
#include "pg/reading.hpp"
#include "pg/shared_lane.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> explain(std::shared_ptr<PoolState> pool, std::string name, std::string sql) {
  const Deadline deadline = Deadline::after(std::chrono::seconds(10));
  try {
    Lease lease = co_await PoolState::acquire(std::move(pool), deadline);
    const std::string plan = co_await lease.generic_plan(std::move(sql), deadline);
    log::warn("slow_query_plan name=" + name + "\n" + plan);
  } catch (const Error& error) {
    log::debug("slow_query_plan name=" + name + " error=\"" + error.what() + "\"");
  }
}

// Posted, for it is told of under the lock of a shared connection, and to wait for a connection may
// mean to ask that one for its own.
void explain_later(std::shared_ptr<PoolState> pool, const Statement& statement) {
  const asio::any_io_executor executor = pool->executor();
  asio::post(executor, [executor, pool = std::move(pool), name = std::string(statement.name),
                        sql = std::string(statement.sql)]() mutable {
    asio::co_spawn(executor, explain(std::move(pool), std::move(name), std::move(sql)),
                   asio::detached);
  });
}

}  // namespace

Pool::Pool(asio::any_io_executor executor, PoolOptions options)
    : state_(std::make_shared<PoolState>(executor, std::move(options))),
      lane_(std::make_shared<SharedLane>(std::move(executor), state_)) {
  state_->on_starved([lane = std::weak_ptr(lane_)] {
    if (const auto alive = lane.lock()) alive->yield();
  });
  state_->on_new_epoch([lane = std::weak_ptr(lane_)] {
    if (const auto alive = lane.lock()) alive->retire();
  });
  state_->observer()->on_slow([state = std::weak_ptr(state_)](const Statement& statement) {
    if (const auto pool = state.lock()) explain_later(pool, statement);
  });
  state_->start();
}

Pool::~Pool() {
  close();
}

asio::awaitable<Lease> Pool::acquire(Deadline deadline) {
  return PoolState::acquire(state_, deadline);
}

asio::awaitable<std::vector<Result>> Pool::execute_once(std::vector<Request> requests,
                                                        Deadline deadline) {
  try {
    Lease lease = co_await acquire(deadline);
    co_return co_await lease.execute(std::move(requests), deadline);
  } catch (const boost::system::system_error&) {
    rethrow_in_own_words(std::current_exception());
  }
}

asio::awaitable<Result> Pool::execute_one(Request request, Deadline deadline) {
  if (request.statement.lane == Lane::shared) return lane_->execute(std::move(request), deadline);
  return Session::execute_one(std::move(request), deadline);
}

asio::awaitable<std::uint64_t> Pool::copy_in(std::string sql, CopySource next, Deadline deadline) {
  try {
    Lease lease = co_await acquire(deadline);
    co_return co_await lease.copy_in(std::move(sql), std::move(next), deadline);
  } catch (const boost::system::system_error&) {
    rethrow_in_own_words(std::current_exception());
  }
}

asio::awaitable<std::vector<Result>> Pool::execute(std::vector<Request> requests,
                                                   Deadline deadline) {
  const bool only_reads = std::ranges::all_of(
      requests, [](const Request& request) { return request.statement.lane == Lane::shared; });
  if (!only_reads) co_return co_await execute_once(std::move(requests), deadline);
  std::vector<Request> again = requests;
  try {
    co_return co_await execute_once(std::move(requests), deadline);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::connection_lost || deadline.passed()) throw;
  }
  state_->count_retried_read();
  co_return co_await execute_once(std::move(again), deadline);
}

PoolStatistics Pool::statistics() const {
  PoolStatistics now = state_->statistics();
  now.shared = lane_->size();
  now.in_flight = lane_->load();
  return now;
}

std::vector<StatementStatistics> Pool::statement_statistics() const {
  return state_->observer()->statistics();
}

void Pool::reset() {
  state_->reset();
}

void Pool::close() {
  lane_->close();
  state_->close();
}

asio::awaitable<void> Pool::wait_closed(Deadline deadline) {
  return PoolState::wait_closed(state_, deadline);
}

Lease::Lease(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection)
    : pool_(std::move(pool)), connection_(std::move(connection)) {}

Lease::Lease(Lease&&) noexcept = default;

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::move(other.pool_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

Lease::~Lease() {
  give_back();
}

void Lease::give_back() noexcept {
  if (connection_) pool_->give_back(std::move(connection_));
}

asio::awaitable<std::vector<Result>> Lease::execute(std::vector<Request> requests,
                                                    Deadline deadline) {
  return connection_->execute(std::move(requests), deadline);
}

asio::awaitable<void> Lease::script(std::string sql, std::string name, Deadline deadline) {
  return connection_->script(std::move(sql), std::move(name), deadline);
}

asio::awaitable<std::string> Lease::generic_plan(std::string sql, Deadline deadline) {
  return connection_->generic_plan(std::move(sql), deadline);
}

asio::awaitable<Description> Lease::describe(std::string sql, Deadline deadline) {
  return connection_->describe(std::move(sql), deadline);
}

asio::awaitable<std::vector<KnownType>> Lease::know_types(std::vector<TypeId> types,
                                                          Deadline deadline) {
  return connection_->know_types(std::move(types), deadline);
}

asio::awaitable<std::uint64_t> Lease::copy_in(std::string sql, CopySource next, Deadline deadline) {
  return connection_->copy_in(std::move(sql), std::move(next), deadline);
}

asio::awaitable<CopyOut> Lease::copy_out(std::string sql, Deadline deadline) {
  co_return CopyOut(co_await connection_->copy_out(std::move(sql), deadline));
}

asio::awaitable<ResultStream> Lease::stream_results(Request request, Deadline deadline,
                                                    int chunk_rows) {
  if (chunk_rows < 1) throw Error(ErrorKind::invalid_argument, "a chunk has at least one row");
  co_return ResultStream(co_await connection_->stream(std::move(request), chunk_rows, deadline));
}

}  // namespace loci::pg
