#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <loci/pg/transaction.hpp>

#include <algorithm>
#include <utility>

#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

std::string begin_statement(const TransactionOptions& options) {
  std::string sql = "begin isolation level ";
  switch (options.isolation) {
    case Isolation::read_committed:
      sql += "read committed";
      break;
    case Isolation::repeatable_read:
      sql += "repeatable read";
      break;
    case Isolation::serializable:
      sql += "serializable";
      break;
  }
  return sql + (options.read_only ? " read only" : " read write");
}

Request control_request(std::string_view name, std::string_view sql) {
  return {{.name = name, .sql = sql, .lane = Lane::exclusive}, {}};
}

// COMMIT, END and PREPARE TRANSACTION commit, and a comment may stand before them; whatever begins
// with another letter leaves the transaction open.
bool may_commit(const Request& request) {
  const std::string_view sql = request.statement.sql;
  const std::size_t begin = sql.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  return std::string_view("cCeEpP-/;").contains(sql[begin]);
}

}  // namespace

asio::awaitable<Transaction> Transaction::begin(Pool& pool, TransactionOptions options,
                                                Deadline deadline) {
  co_return Transaction(co_await pool.acquire(deadline), options);
}

Transaction::Transaction(Lease lease, TransactionOptions options)
    : lease_(std::move(lease)), options_(options) {}

asio::awaitable<std::vector<Result>> Transaction::execute(std::vector<Request> requests,
                                                          Deadline deadline) {
  if (phase_ == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  Connection& connection = lease_.connection();
  ExecuteOptions options;
  options.prefix = missing_begin();
  options.uncommitted = std::ranges::none_of(requests, may_commit);
  std::vector<Result> results =
      co_await connection.execute(std::move(requests), deadline, std::move(options));
  if (connection.in_transaction()) phase_ = Phase::open;
  co_return results;
}

// Asked of the server's own state: when BEGIN did not get through, it is still to be sent, or the
// statements after it would commit one by one.
std::string Transaction::missing_begin() {
  const Connection& connection = lease_.connection();
  if (connection.in_transaction()) return {};
  if (phase_ == Phase::open && connection.usable()) {
    throw Error(ErrorKind::closed, "a statement ended the transaction; use commit() or rollback()");
  }
  return begin_statement(options_);
}

asio::awaitable<std::vector<Result>> Transaction::execute_and_commit(std::vector<Request> requests,
                                                                     Deadline deadline) {
  if (requests.empty() || lease_.connection().transaction_failed()) {
    co_await commit(deadline);
    co_return std::vector<Result>();
  }
  if (phase_ == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  ExecuteOptions options;
  options.prefix = missing_begin();
  options.never_cancel = true;
  options.ends_with_commit = true;
  phase_ = Phase::over;
  requests.push_back(control_request("Commit", "commit"));
  std::vector<Result> results =
      co_await lease_.connection().execute(std::move(requests), deadline, std::move(options));
  const auto failure = std::ranges::find_if(results, &Result::failed);
  if (failure != results.end()) {
    co_await roll_back_quietly(deadline);
    failure->check();
  }
  results.pop_back();
  co_return results;
}

asio::awaitable<void> Transaction::commit(Deadline deadline) {
  const Phase phase = std::exchange(phase_, Phase::over);
  if (phase == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  if (phase == Phase::unsent && lease_.connection().usable()) co_return;
  if (!lease_.connection().transaction_failed()) {
    co_await control("Commit", "commit", deadline, true);
    co_return;
  }
  co_await roll_back_quietly(deadline);
  throw Error(ServerError{.severity = "ERROR",
                          .sqlstate = "25P02",
                          .message = "a statement of the transaction failed; it was rolled back"},
              "Commit");
}

asio::awaitable<void> Transaction::rollback(Deadline deadline) {
  if (std::exchange(phase_, Phase::over) == Phase::over) {
    throw Error(ErrorKind::closed, "the transaction is over");
  }
  if (lease_.connection().in_transaction() && lease_.connection().usable()) {
    co_await control("Rollback", "rollback", deadline, false);
  }  // else nothing was begun, or the connection is gone and the server rolls back by itself
}

// For a transaction that failed: the caller is told why it did, not why it could not be ended. The
// pool ends what is still open.
asio::awaitable<void> Transaction::roll_back_quietly(Deadline deadline) {
  if (!lease_.connection().in_transaction() || !lease_.connection().usable()) co_return;
  try {
    co_await control("Rollback", "rollback", deadline, false);
  } catch (const Error& error) {
    log::warn(std::string("rollback_left_to_the_pool error=\"") + error.what() + "\"");
  }
}

asio::awaitable<void> Transaction::control(std::string_view name, std::string_view sql,
                                           Deadline deadline, bool never_cancel) {
  std::vector<Request> requests;
  requests.push_back(control_request(name, sql));
  ExecuteOptions options;
  options.never_cancel = never_cancel;
  options.unprepared = true;
  const std::vector<Result> results =
      co_await lease_.connection().execute(std::move(requests), deadline, std::move(options));
  results[0].check();
}

}  // namespace loci::pg
