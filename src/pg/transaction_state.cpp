#include "pg/transaction_state.hpp"

#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

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
  sql += options.read_only ? " read only" : " read write";
  return options.deferrable ? sql + " deferrable" : sql;
}

Request control_request(std::string_view name, std::string_view sql) {
  return {{.name = name, .sql = sql, .lane = Lane::exclusive}, {}};
}

std::string savepoint_name(std::uint64_t serial) {
  return "loci_" + std::to_string(serial);
}

// COMMIT, END and PREPARE TRANSACTION commit, and a comment may stand before them; whatever begins
// with another letter leaves the transaction open.
bool may_commit(const Request& request) {
  const std::string_view sql = request.statement.sql;
  const std::size_t begin = sql.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  return std::string_view("cCeEpP-/;").contains(sql[begin]);
}

Error failed_part(std::string_view what, std::string_view query) {
  return Error(ServerError{.severity = "ERROR",
                           .sqlstate = "25P02",
                           .message = "a statement of the " + std::string(what) +
                                      " failed; it was rolled back"},
               query);
}

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

TransactionState::TransactionState(Lease mine, TransactionOptions chosen)
    : lease(std::move(mine)), options(chosen), id(next_id()) {}

TransactionState::~TransactionState() = default;

void TransactionState::finish(std::string_view outcome) noexcept {
  const Phase before = std::exchange(phase, Phase::over);
  if (before == Phase::over || !log::enabled(log::Level::debug)) return;
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  log::debug("transaction id=" + std::to_string(id) + " outcome=" + std::string(outcome) +
             " duration_us=" + std::to_string(taken.count()));
}

void TransactionState::require_innermost(std::uint64_t part) const {
  if (phase == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  const std::uint64_t innermost = savepoints.empty() ? 0 : savepoints.back();
  if (part == innermost) return;
  if (part != 0 && !std::ranges::contains(savepoints, part)) {
    throw Error(ErrorKind::closed, "this part of the transaction is over");
  }
  throw Error(ErrorKind::invalid_argument, "a nested part of the transaction is still open");
}

// Asked of the server's own state: when BEGIN did not get through, it is still to be sent, or the
// statements after it would commit one by one.
std::string TransactionState::missing_begin() {
  if (connection().in_transaction()) return {};
  if (phase == Phase::open && connection().usable()) {
    throw Error(ErrorKind::closed, "a statement ended the transaction; use commit() or rollback()");
  }
  return begin_statement(options);
}

asio::awaitable<std::vector<Result>> TransactionState::execute(std::vector<Request> requests,
                                                               Deadline deadline) {
  co_await undo_abandoned(deadline);
  ExecuteOptions how;
  how.prefix = missing_begin();
  how.uncommitted = std::ranges::none_of(requests, may_commit);
  std::vector<Result> results =
      co_await connection().execute(std::move(requests), deadline, std::move(how));
  if (connection().in_transaction()) phase = Phase::open;
  co_return results;
}

asio::awaitable<std::uint64_t> TransactionState::copy_in(std::string sql, Session::CopySource next,
                                                         Deadline deadline) {
  co_await undo_abandoned(deadline);
  const std::string begin = missing_begin();
  if (!begin.empty()) {
    co_await control("Begin", begin, deadline, false);
    phase = Phase::open;
  }
  co_return co_await lease.copy_in(std::move(sql), std::move(next), deadline);
}

asio::awaitable<std::vector<Result>> TransactionState::execute_and_commit(
    std::vector<Request> requests, Deadline deadline) {
  co_await undo_abandoned(deadline);
  if (requests.empty() || connection().transaction_failed()) {
    co_await commit(deadline);
    co_return std::vector<Result>();
  }
  ExecuteOptions how;
  how.prefix = missing_begin();
  how.never_cancel = true;
  how.ends_with_commit = true;
  requests.push_back(control_request("Commit", "commit"));
  std::optional<Error> lost;
  std::vector<Result> results;
  try {
    results = co_await connection().execute(std::move(requests), deadline, std::move(how));
  } catch (const Error& error) {
    lost = error;
  }
  if (lost) {
    finish(lost->outcome_unknown() ? "unknown" : "rolled back");
    throw Error(*lost);
  }
  const auto failure = std::ranges::find_if(results, &Result::failed);
  if (failure != results.end()) {
    co_await roll_back_quietly(deadline);
    finish("rolled back");
    failure->check();
  }
  finish("committed");
  results.pop_back();
  co_return results;
}

asio::awaitable<void> TransactionState::commit(Deadline deadline) {
  co_await undo_abandoned(deadline);
  if (phase == Phase::unsent && connection().usable()) {
    finish("empty");
    co_return;
  }
  if (connection().transaction_failed()) {
    co_await roll_back_quietly(deadline);
    finish("rolled back");
    throw failed_part("transaction", "Commit");
  }
  std::optional<Error> failure;
  try {
    co_await control("Commit", "commit", deadline, true);
  } catch (const Error& error) {
    failure = error;
  }
  finish(!failure ? "committed" : failure->outcome_unknown() ? "unknown" : "rolled back");
  if (failure) throw Error(*failure);
}

asio::awaitable<void> TransactionState::rollback(Deadline deadline) {
  if (phase == Phase::over) throw Error(ErrorKind::closed, "the transaction is over");
  savepoints.clear();
  finish("rolled back");
  if (connection().in_transaction() && connection().usable()) {
    co_await control("Rollback", "rollback", deadline, false);
  }  // else nothing was begun, or the connection is gone and the server rolls back by itself
}

asio::awaitable<std::uint64_t> TransactionState::set_savepoint(Deadline deadline) {
  const std::uint64_t serial = ++last_serial;
  const std::string sql = "savepoint " + savepoint_name(serial);
  co_await undo_abandoned(deadline);
  ExecuteOptions how;
  how.prefix = missing_begin();
  how.uncommitted = true;
  how.unprepared = true;
  std::vector<Request> requests;
  requests.push_back(control_request("Savepoint", sql));
  const std::vector<Result> results =
      co_await connection().execute(std::move(requests), deadline, std::move(how));
  if (connection().in_transaction()) phase = Phase::open;
  results[0].check();
  savepoints.push_back(serial);
  co_return serial;
}

asio::awaitable<void> TransactionState::release(std::uint64_t savepoint, Deadline deadline) {
  co_await undo_abandoned(deadline);
  if (connection().transaction_failed()) {
    co_await undo(savepoint, deadline);
    throw failed_part("nested part", "Release");
  }
  co_await control("Release", "release savepoint " + savepoint_name(savepoint), deadline, false);
  savepoints.pop_back();
}

asio::awaitable<void> TransactionState::undo(std::uint64_t savepoint, Deadline deadline) {
  const std::string name = savepoint_name(savepoint);
  co_await control("RollbackTo", "rollback to savepoint " + name, deadline, false);
  co_await control("Release", "release savepoint " + name, deadline, false);
  while (!savepoints.empty() && savepoints.back() >= savepoint) savepoints.pop_back();
}

// What is within it is abandoned with it.
void TransactionState::abandon(std::uint64_t savepoint) noexcept {
  if (phase == Phase::over || !std::ranges::contains(savepoints, savepoint)) return;
  while (!savepoints.empty() && savepoints.back() >= savepoint) savepoints.pop_back();
  abandoned = std::min(savepoint, abandoned.value_or(savepoint));
}

asio::awaitable<void> TransactionState::undo_abandoned(Deadline deadline) {
  if (!abandoned) co_return;
  co_await undo(*abandoned, deadline);
  abandoned.reset();
}

asio::awaitable<void> TransactionState::control(std::string_view name, std::string sql,
                                                Deadline deadline, bool commits) {
  std::vector<Request> requests;
  requests.push_back(control_request(name, sql));
  ExecuteOptions how;
  how.never_cancel = commits;
  how.uncommitted = !commits;
  how.unprepared = true;
  const std::vector<Result> results =
      co_await connection().execute(std::move(requests), deadline, std::move(how));
  results[0].check();
}

// For a transaction that failed: the caller is told why it did, not why it could not be ended. The
// pool ends what is still open.
asio::awaitable<void> TransactionState::roll_back_quietly(Deadline deadline) {
  if (!connection().in_transaction() || !connection().usable()) co_return;
  try {
    co_await control("Rollback", "rollback", deadline, false);
  } catch (const Error& error) {
    log::warn(std::string("rollback_left_to_the_pool error=\"") + error.what() + "\"");
  }
}

}  // namespace loci::pg
