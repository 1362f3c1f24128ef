#include <loci/base/error.hpp>
#include <loci/pg/transaction.hpp>

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
  // Asked of the server's own state: when BEGIN did not get through, it is still to be sent, or the
  // statements after it would commit one by one.
  ExecuteOptions options;
  if (!connection.in_transaction()) {
    if (phase_ == Phase::open && connection.usable()) {
      throw Error(ErrorKind::closed,
                  "a statement ended the transaction; use commit() or rollback()");
    }
    options.prefix = begin_statement(options_);
  }
  std::vector<Result> results =
      co_await connection.execute(std::move(requests), deadline, std::move(options));
  if (connection.in_transaction()) phase_ = Phase::open;
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
  co_await control("Rollback", "rollback", deadline, false);
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

asio::awaitable<void> Transaction::control(std::string_view name, std::string_view sql,
                                           Deadline deadline, bool never_cancel) {
  std::vector<Request> requests(1);
  requests[0].statement = {.name = name, .sql = sql, .lane = Lane::exclusive};
  ExecuteOptions options;
  options.never_cancel = never_cancel;
  options.unprepared = true;
  const std::vector<Result> results =
      co_await lease_.connection().execute(std::move(requests), deadline, std::move(options));
  results[0].check();
}

}  // namespace loci::pg
