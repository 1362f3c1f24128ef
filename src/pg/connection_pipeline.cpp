// What goes out for a batch of requests, and how their answers are told apart.
#include <utility>

#include "pg/arguments.hpp"
#include "pg/connection.hpp"
#include "pg/out_of_step.hpp"
#include "pg/statement_text.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr std::size_t k_max_parameters = 65'535;
constexpr std::size_t k_max_message = std::size_t{1} << 30;

}  // namespace

// Before anything is sent: libpq would notice halfway through a batch.
void Connection::refuse_unsendable(const Request& request) const {
  if (request.params.slots().size() > k_max_parameters) {
    throw Error(ErrorKind::invalid_argument, "a statement takes at most 65535 parameters");
  }
  if (request.params.encoder().size() >= k_max_message) {
    throw Error(ErrorKind::invalid_argument, "a statement's parameters are over 1 GB");
  }
  if (!prepared_.contains(request.statement.sql) && is_copy(request.statement.sql)) {
    refuse_copy();
  }
}

void Connection::send(Batch& batch, const ExecuteOptions& options) {
  batch.ends_with_commit = options.ends_with_commit;
  batch.since = Clock::now();
  const bool one_group = !options.prefix.empty() || options.ends_with_commit;
  if (!options.prefix.empty()) send_plain(batch, options.prefix);
  const bool settings = !settings_.empty() && !in_transaction();
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    if (settings && (i == 0 || !one_group)) send_plain(batch, settings_);
    if (batch.requests[i].settings) send_plain(batch, *batch.requests[i].settings);
    const bool commit = options.ends_with_commit && i + 1 == batch.requests.size();
    if (commit) undone_ = false;  // it may be on its way from here on
    send_request(batch, i, !options.unprepared && !commit);
    if (!one_group) send_sync(batch, i, true);  // one each: errors stay apart (F1)
  }
  if (one_group) send_sync(batch, 0, false);
}

void Connection::send_plain(Batch& batch, const std::string& sql) {
  require(
      PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
  batch.expected.push_back({Expected::Kind::prefix, 0});
  batch.expected.push_back({Expected::Kind::end, 0});
}

// Queued only; the first wait for an answer flushes everything at once (F2).
void Connection::send_sync(Batch& batch, std::size_t request, bool commits) {
  require(PQsendPipelineSync(connection_.get()));
  batch.expected.push_back({Expected::Kind::sync, request, commits});
}

void Connection::send_request(Batch& batch, std::size_t index, bool prepared) {
  using Kind = Expected::Kind;
  PGconn* connection = connection_.get();
  const Request& request = batch.requests[index];
  const Arguments arguments(request.params);
  std::uint64_t statement = 0;
  if (!prepared || !prepared_.enabled()) {
    const std::string sql(request.statement.sql);
    require(PQsendQueryParams(connection, sql.c_str(), arguments.count(), nullptr,
                              arguments.values(), arguments.lengths(), arguments.formats(), 1));
  } else {
    const char* name = prepared_.find(request.statement.sql);
    if (name == nullptr) name = prepare(batch, index);
    statement = prepared_.latest();
    require(PQsendQueryPrepared(connection, name, arguments.count(), arguments.values(),
                                arguments.lengths(), arguments.formats(), 1));
  }
  batch.expected.push_back({Kind::execute, index, false, statement});
  batch.expected.push_back({Kind::end, index});
  if (observer_) observer_->started(request.statement, Lane::exclusive);
}

// Parse travels with the first execution, and so do the closes that make room for it: no round trip
// of its own. A statement closed here may have been executed before in the same batch.
const char* Connection::prepare(Batch& batch, std::size_t index) {
  using Kind = Expected::Kind;
  while (std::optional<std::string> old = prepared_.evict()) {
    require(PQsendClosePrepared(connection_.get(), old->c_str()));
    batch.expected.push_back({Kind::close, batch.closing.size()});
    batch.expected.push_back({Kind::end, index});
    batch.closing.push_back(std::move(*old));
  }
  if (observer_) observer_->prepared(batch.requests[index].statement);
  const StatementCache::Entry& entry = prepared_.add(batch.requests[index].statement.sql);
  require(PQsendPrepare(connection_.get(), entry.name.c_str(), entry.sql.c_str(), 0, nullptr));
  batch.expected.push_back({Kind::prepare, index});
  batch.expected.push_back({Kind::end, index});
  return entry.name.c_str();
}

// For the simple protocol, where several statements are one transaction.
std::string Connection::with_settings(std::string sql) const {
  return settings_.empty() || in_transaction() ? std::move(sql) : settings_ + ";" + sql;
}

asio::awaitable<bool> Connection::drain(Batch& batch, Deadline deadline) {
  while (batch.next < batch.expected.size()) {
    if (!co_await wait_result(deadline)) co_return false;
    take_next(batch);
  }
  co_return true;
}

// What is ready, as what is expected.
void Connection::take_next(Batch& batch) {
  using Kind = Expected::Kind;
  const Expected expected = batch.expected[batch.next];
  PgResultPtr result = take_result();
  if (expected.kind == Kind::sync) {
    if (!take_sync(batch, expected, std::move(result))) return;
  } else if (expected.kind == Kind::end) {
    if (result) out_of_step("a second result for one statement");
  } else {
    if (!result) out_of_step("no result for a statement");
    // Of a stream that is being stopped, nobody wants the rows.
    if (PQresultStatus(result.get()) == PGRES_TUPLES_CHUNK) return;
    take_command(batch, expected, std::move(result));
  }
  ++batch.next;
}

// The commit of a group happens at its Sync. When that fails (a deferred constraint, a conflict of
// serializable transactions), an error and a NULL come before the Sync: the statement did not
// happen.
bool Connection::take_sync(Batch& batch, const Expected& expected, PgResultPtr result) {
  if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
    batch.commit_failed = false;
    batch.prefix_failure.reset();  // it was this group's
    return true;
  }
  if (!result && batch.commit_failed) return false;
  if (!result || batch.commit_failed || !expected.commits) {
    out_of_step("the end of a group is missing");
  }
  batch.commit_failed = true;
  const Statement& statement = batch.requests[expected.request].statement;
  batch.results[expected.request] = failed(batch, make_result(statement.name, std::move(result)));
  return false;
}

// A failure as the caller is to see it.
Result Connection::failed(const Batch& batch, Result result) const {
  if (batch.cancelled && result.failed() && result.error()->sqlstate() == "57014") {
    return make_failed_result(result.query(), stopped_error(result.query()));
  }
  return result;
}

void Connection::take_command(Batch& batch, const Expected& expected, PgResultPtr result) {
  const ExecStatusType status = PQresultStatus(result.get());
  if (is_copying(status)) refuse_copy();
  if (expected.kind == Expected::Kind::prefix) {
    if (!succeeded(result.get()) && !batch.prefix_failure) {
      batch.prefix_failure.emplace(server_error(result.get()), "Begin");
    }
    return;
  }
  if (expected.kind == Expected::Kind::close) {
    if (!succeeded(result.get())) prepared_.not_closed(std::move(batch.closing[expected.request]));
    return;
  }
  const Statement& statement = batch.requests[expected.request].statement;
  if (expected.kind == Expected::Kind::prepare) {
    if (succeeded(result.get())) return;
    prepared_.forget(statement.sql);  // a failed Parse leaves no statement (F10)
    if (status != PGRES_PIPELINE_ABORTED) {
      batch.unparsed.try_emplace(statement.sql, server_error(result.get()), statement.name);
    }
    return;
  }
  Result made = make_result(statement.name, std::move(result));
  if (made.failed() && batch.ends_with_commit) undone_ = true;  // the COMMIT after it does not run
  // The answer proper comes from the Parse that failed, perhaps that of a twin before it in the
  // batch.
  const auto unparsed = batch.unparsed.find(statement.sql);
  if (made.failed() && unparsed != batch.unparsed.end()) {
    made = make_failed_result(statement.name, unparsed->second);
  }
  if (is_stale(made)) prepared_.drop(statement.sql, expected.statement);
  if (batch.prefix_failure) made = make_failed_result(statement.name, *batch.prefix_failure);
  batch.results.push_back(failed(batch, std::move(made)));
  observe(batch, statement, batch.results.back());
}

// Each statement of a batch could begin when the one before it was done.
void Connection::observe(Batch& batch, const Statement& statement, const Result& result) {
  if (!observer_) return;
  const Clock::time_point now = Clock::now();
  observer_->ended(observer_->of(statement), {.statement = statement,
                                              .lane = Lane::exclusive,
                                              .wait = std::exchange(tenure_.waited, {}),
                                              .run = now - batch.since,
                                              .rows = result.rows(),
                                              .bytes = result.memory_size(),
                                              .error = result.error()});
  batch.since = now;
}

// Of the statements whose answers will not come.
void Connection::observe_unanswered(const Batch& batch, const Error& error) {
  if (!observer_) return;
  for (std::size_t i = batch.next; i < batch.expected.size(); ++i) {
    if (batch.expected[i].kind != Expected::Kind::execute) continue;
    const Statement& statement = batch.requests[batch.expected[i].request].statement;
    observer_->ended(observer_->of(statement), {.statement = statement,
                                                .lane = Lane::exclusive,
                                                .wait = std::exchange(tenure_.waited, {}),
                                                .run = Clock::now() - batch.since,
                                                .rows = 0,
                                                .bytes = 0,
                                                .error = &error});
  }
}

}  // namespace loci::pg
