#include <loci/base/error.hpp>
#include <loci/pg/transaction.hpp>

#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

std::string begin_statement(const TransactionOptions& options) {
  std::string sql = "begin isolation level ";
  switch (options.isolation) {
    case Isolation::read_committed: sql += "read committed"; break;
    case Isolation::repeatable_read: sql += "repeatable read"; break;
    case Isolation::serializable: sql += "serializable"; break;
  }
  return sql + (options.read_only ? " read only" : " read write");
}

std::vector<Request> statement(std::string_view name, std::string_view sql) {
  std::vector<Request> requests(1);
  requests[0].statement = {.name = name, .sql = sql, .lane = Lane::exclusive};
  return requests;
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
  ExecuteOptions options;
  if (phase_ == Phase::unsent) options.prefix = begin_statement(options_);
  phase_ = Phase::open;
  return lease_.connection().execute(std::move(requests), deadline, std::move(options));
}

asio::awaitable<void> Transaction::commit(Deadline deadline) {
  if (phase_ == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  if (phase_ == Phase::unsent) {
    phase_ = Phase::over;
    co_return;
  }
  if (lease_.connection().transaction_failed()) {
    co_await rollback(deadline);
    throw Error(ServerError{.severity = "ERROR",
                            .sqlstate = "25P02",
                            .message = "a statement of the transaction failed; it was rolled back"},
                "Commit");
  }
  phase_ = Phase::over;
  const std::vector<Result> results = co_await lease_.connection().execute(
      statement("Commit", "commit"), deadline, {.prefix = {}, .never_cancel = true});
  results[0].check();
}

asio::awaitable<void> Transaction::rollback(Deadline deadline) {
  if (phase_ == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  const bool sent = phase_ == Phase::open;
  phase_ = Phase::over;
  if (!sent) co_return;
  const std::vector<Result> results =
      co_await lease_.connection().execute(statement("Rollback", "rollback"), deadline);
  results[0].check();
}

}  // namespace loci::pg
