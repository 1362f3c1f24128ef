#include "pg/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <poll.h>

namespace loci::pg {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

// After a cancel the server has this long to answer before the connection is given up.
constexpr auto k_cancel_grace = seconds(2);

bool may_write(const std::vector<Request>& requests) {
  return std::ranges::any_of(
      requests, [](const Request& request) { return request.statement.lane != Lane::shared; });
}

std::string_view first_name(const std::vector<Request>& requests) {
  return requests.empty() ? std::string_view("statement") : requests.front().statement.name;
}

}  // namespace

Connection::Connection(asio::any_io_executor strand, std::shared_ptr<ExtensionTypes> types)
    : strand_(strand), types_(std::move(types)), waiter_(std::move(strand)) {}

Connection::~Connection() = default;

bool Connection::usable() const noexcept {
  return in_step_ && connection_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::clean() const noexcept {
  return usable() && PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool Connection::quiet() const noexcept {
  pollfd descriptor{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  return ::poll(&descriptor, 1, 0) == 0;
}

void Connection::lost() {
  in_step_ = false;
  throw Error(ErrorKind::connection_lost, connection_message(connection_.get()));
}

void Connection::out_of_step(std::string_view what) {
  in_step_ = false;
  throw Error(ErrorKind::protocol, "the server's answers are out of step: " + std::string(what));
}

void Connection::require(int libpq_ok) {
  if (libpq_ok != 1) lost();
}

asio::awaitable<std::vector<Result>> Connection::execute(std::vector<Request> requests,
                                                         Deadline deadline, ExecuteOptions options) {
  const bool writes = may_write(requests) || options.never_cancel;
  const std::string name(first_name(requests));
  try {
    co_return co_await asio::co_spawn(
        strand_, execute_here(std::move(requests), deadline, std::move(options)),
        asio::use_awaitable);
  } catch (const boost::system::system_error& error) {
    in_step_ = false;
    const Error cancelled(error.code() == asio::error::operation_aborted ? ErrorKind::cancelled
                                                                         : ErrorKind::connection_lost,
                          name + ": " + error.what());
    throw writes ? cancelled.with_unknown_outcome() : cancelled;
  } catch (const Error& error) {
    const Error named = error.with_context(name);
    throw writes && !in_step_ ? named.with_unknown_outcome() : named;
  }
}

asio::awaitable<std::vector<Result>> Connection::execute_here(std::vector<Request> requests,
                                                              Deadline deadline,
                                                              ExecuteOptions options) {
  const bool needs_types = std::ranges::any_of(
      requests, [](const Request& r) { return !r.params.encoder().open_types().empty(); });
  if (needs_types) {
    if (!types_->known()) co_await learn_extension_types(deadline);
    for (Request& request : requests) fill_types(request.params);
  }
  std::vector<Result> results = co_await attempt(requests, deadline, std::move(options));

  // A prepared statement the server no longer has, or whose result changed its shape, is prepared anew
  // once (fact F10); inside a transaction the failure stands, for the transaction is over.
  const bool idle = PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].failed() || !forget_stale(results[i], requests[i].statement) || !idle) continue;
    std::vector<Request> again(1);
    again[0] = std::move(requests[i]);
    std::vector<Result> retried = co_await attempt(again, deadline, {});
    results[i] = std::move(retried[0]);
  }
  co_return results;
}

asio::awaitable<std::vector<Result>> Connection::attempt(std::vector<Request>& requests,
                                                         Deadline deadline, ExecuteOptions options) {
  if (!usable()) lost();
  if (deadline.passed()) throw Error(ErrorKind::timeout, "the deadline passed before it was sent");
  Batch batch;
  batch.requests.swap(requests);
  send(batch, options.prefix);
  const bool in_time = co_await drain(batch, deadline);
  if (!in_time && options.never_cancel) {
    in_step_ = false;
    throw Error(ErrorKind::timeout, "no answer by the deadline");
  }
  if (!in_time) {
    co_await cancel_running();
    if (!co_await drain(batch, Deadline::after(k_cancel_grace))) {
      in_step_ = false;
      throw Error(ErrorKind::timeout, "the deadline passed and the server did not answer a cancel");
    }
    if (std::ranges::any_of(batch.results, &Result::failed)) {
      throw Error(ErrorKind::timeout, "the deadline passed while it was running; it was cancelled");
    }
  }
  requests.swap(batch.requests);
  co_return std::move(batch.results);
}

void Connection::send(Batch& batch, const std::string& prefix) {
  using Kind = Expected::Kind;
  PGconn* connection = connection_.get();
  if (!prefix.empty()) {
    require(PQsendQueryParams(connection, prefix.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
    batch.expected.push_back({Kind::prefix, 0});
    batch.expected.push_back({Kind::end, 0});
  }
  for (std::size_t i = 0; i < batch.requests.size(); ++i) send_request(batch, i);
  if (batch.requests.empty() && !prefix.empty()) {
    require(PQsendPipelineSync(connection));
    batch.expected.push_back({Kind::sync, 0});
  }
}

void Connection::send_request(Batch& batch, std::size_t index) {
  using Kind = Expected::Kind;
  PGconn* connection = connection_.get();
  const Request& request = batch.requests[index];
  const std::string sql(request.statement.sql);
  auto known = prepared_.find(sql);
  if (known == prepared_.end()) {
    // Parse travels with the first execution: no round trip of its own.
    known = prepared_.emplace(sql, "loci_" + std::to_string(++statements_)).first;
    require(PQsendPrepare(connection, known->second.c_str(), sql.c_str(), 0, nullptr));
    batch.expected.push_back({Kind::prepare, index});
    batch.expected.push_back({Kind::end, index});
  }
  const auto& slots = request.params.slots();
  const char* bytes = request.params.encoder().bytes().data();
  std::vector<const char*> values(slots.size());
  std::vector<int> lengths(slots.size());
  const std::vector<int> formats(slots.size(), 1);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    values[i] = slots[i].length < 0 ? nullptr : bytes + slots[i].begin;
    lengths[i] = slots[i].length < 0 ? 0 : static_cast<int>(slots[i].length);
  }
  require(PQsendQueryPrepared(connection, known->second.c_str(), static_cast<int>(slots.size()),
                              values.data(), lengths.data(), formats.data(), 1));
  batch.expected.push_back({Kind::execute, index});
  batch.expected.push_back({Kind::end, index});
  require(PQsendPipelineSync(connection));  // one each: errors stay apart (F1), one flush sends all (F2)
  batch.expected.push_back({Kind::sync, index});
}

asio::awaitable<bool> Connection::drain(Batch& batch, Deadline deadline) {
  using Kind = Expected::Kind;
  PGconn* connection = connection_.get();
  while (batch.next < batch.expected.size()) {
    if (!co_await wait_result(deadline)) co_return false;
    const Expected expected = batch.expected[batch.next];
    PgResultPtr result(PQgetResult(connection));
    if (PQstatus(connection) == CONNECTION_BAD) lost();
    switch (expected.kind) {
      case Kind::end:
        if (result) out_of_step("a second result for one statement");
        break;
      case Kind::sync:
        if (!result || PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
          out_of_step("the end of a group is missing");
        }
        batch.failure.reset();
        break;
      default:
        if (!result) out_of_step("no result for a statement");
        take_command(batch, expected, std::move(result));
    }
    ++batch.next;
  }
  co_return true;
}

void Connection::take_command(Batch& batch, const Expected& expected, PgResultPtr result) {
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
    out_of_step("COPY in pipeline mode never ends (fact F9); use copy_in()");
  }
  if (expected.kind == Expected::Kind::prefix) {
    if (!succeeded(result.get())) batch.failure.emplace(server_error(result.get()), "begin");
    return;
  }
  const Statement& statement = batch.requests[expected.request].statement;
  if (expected.kind == Expected::Kind::prepare) {
    if (succeeded(result.get())) return;
    prepared_.erase(std::string(statement.sql));  // a failed Parse leaves no statement (F10)
    if (!batch.failure) batch.failure.emplace(server_error(result.get()), statement.name);
    return;
  }
  batch.results.push_back(batch.failure ? make_failed_result(statement.name, *batch.failure)
                                        : make_result(statement.name, std::move(result)));
}

asio::awaitable<bool> Connection::wait_result(Deadline deadline) {
  PGconn* connection = connection_.get();
  // Writing without reading deadlocks on large data (F3); consume again only once all that was read
  // has been taken (F4): PQisBusy is false while a result is ready.
  while (PQisBusy(connection) != 0) {
    const int unsent = PQflush(connection);
    if (unsent < 0) lost();
    if (!co_await waiter_.wait(unsent == 1 ? Want::read_or_write : Want::read, deadline)) {
      co_return false;
    }
    if (PQconsumeInput(connection) == 0) lost();
  }
  co_return true;
}

asio::awaitable<void> Connection::flush(Deadline deadline) {
  PGconn* connection = connection_.get();
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) lost();
    if (unsent == 0) co_return;
    if (!co_await waiter_.wait(Want::read_or_write, deadline)) {
      in_step_ = false;
      throw Error(ErrorKind::timeout, "the deadline passed while sending");
    }
    if (PQconsumeInput(connection) == 0) lost();
  }
}

asio::awaitable<void> Connection::cancel_running() {
  struct Finish {
    void operator()(PGcancelConn* cancel) const noexcept { PQcancelFinish(cancel); }
  };
  const std::unique_ptr<PGcancelConn, Finish> cancel(PQcancelCreate(connection_.get()));
  if (!cancel || PQcancelStart(cancel.get()) == 0) co_return;
  SocketWaiter waiter(strand_);
  const Deadline deadline = Deadline::after(k_cancel_grace);
  for (;;) {
    const PostgresPollingStatusType state = PQcancelPoll(cancel.get());
    if (state != PGRES_POLLING_READING && state != PGRES_POLLING_WRITING) co_return;
    waiter.watch(PQcancelSocket(cancel.get()));
    const Want want = state == PGRES_POLLING_READING ? Want::read : Want::write;
    if (!co_await waiter.wait(want, deadline)) co_return;
  }
}

bool Connection::forget_stale(const Result& result, const Statement& statement) {
  try {
    result.check();
  } catch (const Error& error) {
    if (error.sqlstate() != "26000" && error.sqlstate() != "0A000") return false;
    return prepared_.erase(std::string(statement.sql)) == 1 || error.sqlstate() == "26000";
  }
  return false;
}

}  // namespace loci::pg
