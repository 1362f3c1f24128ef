#include "pg/connection.hpp"

#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "pg/connection_guard.hpp"
#include "pg/settings_statement.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr auto k_end_time = std::chrono::seconds(2);  // for a last cancel, which nobody waits for

bool may_write(const std::vector<Request>& requests) {
  return std::ranges::any_of(
      requests, [](const Request& request) { return request.statement.lane != Lane::shared; });
}

std::string first_name(const std::vector<Request>& requests) {
  return std::string(requests.empty() ? "statement" : requests.front().statement.name);
}

}  // namespace

Connection::InFlight::InFlight(Connection& connection) : connection_(connection) {
  if (connection_.stream_ == Stream::in_flight) {
    throw Error(ErrorKind::invalid_argument, "a connection was used by two callers at once");
  }
  if (PQstatus(connection_.connection_.get()) != CONNECTION_OK || connection_.dismissed_) {
    connection_.lost();
  }
  if (connection_.stream_ == Stream::broken) {
    throw Error(ErrorKind::connection_lost, "the connection was given up after an earlier failure");
  }
  connection_.stream_ = Stream::in_flight;
  connection_.committing_ = false;
  connection_.undone_ = false;
}

Connection::InFlight::~InFlight() {
  if (connection_.stream_ == Stream::in_flight) connection_.stream_ = Stream::broken;
}

Connection::Connection(asio::any_io_executor executor, std::shared_ptr<DatabaseTypes> types,
                       const Options& options)
    : executor_(executor),
      types_(std::move(types)),
      waiter_(std::move(executor)),
      prepared_(options.pgbouncer ? 0 : options.statement_cache),
      observer_(options.observer),
      cancel_patience_(options.cancel_patience),
      // Transaction by transaction: between them the server's session is another's.
      settings_(options.pgbouncer ? settings_statement(options.settings) : "") {}

Connection::~Connection() = default;

asio::awaitable<void> Connection::end(std::unique_ptr<Connection> connection) {
  const bool running = connection->stream_ == Stream::broken && !connection->committing_ &&
                       PQtransactionStatus(connection->connection_.get()) == PQTRANS_ACTIVE;
  try {
    if (running) co_await connection->cancel_running(Deadline::after(k_end_time));
  } catch (const std::exception&) {
    // It was worth a try: the server notices by itself that nobody listens.
  }
}

void Connection::end_later(std::unique_ptr<Connection> connection) {
  const asio::any_io_executor executor = connection->executor_;
  asio::co_spawn(executor, end(std::move(connection)), asio::detached);
}

int Connection::lend() {
  const int socket = ::dup(PQsocket(connection_.get()));
  if (socket < 0) throw Error(ErrorKind::io, "cannot watch a socket: out of file descriptors");
  waiter_.forget();
  stream_ = Stream::in_flight;
  return socket;
}

void Connection::take_back() {
  waiter_.watch(PQsocket(connection_.get()));
  stream_ = Stream::in_step;
}

bool Connection::usable() const noexcept {
  return stream_ == Stream::in_step && !dismissed_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::clean() const noexcept {
  return usable() && PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool Connection::alive() noexcept {
  pollfd descriptor{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  // What has been read already, and then at most a message and, behind it, the end of the stream.
  for (int looks = 0;; ++looks) {
    (void)PQisBusy(connection_.get());  // takes what is no answer: a notice, a changed setting
    if (looks == 2 || ::poll(&descriptor, 1, 0) == 0) return usable();
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
}

// The last word of a server that ends a connection comes as a notice when nothing is under way.
void Connection::noticed(void* self, const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string_view word = severity == nullptr ? "" : severity;
  if (word != "FATAL" && word != "PANIC") return;
  auto& connection = *static_cast<Connection*>(self);
  connection.note_fault(notice);
  connection.dismissed_ = true;
}

bool Connection::in_transaction() const noexcept {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool Connection::transaction_failed() const noexcept {
  return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

void Connection::lost() const {
  throw Error(ErrorKind::connection_lost, connection_message(connection_.get()));
}

// False when the call is to end, for its deadline has passed or its caller has left. From there on
// its caller waits for it to come to that end, cancelled or not.
bool Connection::in_time(Woken woken) noexcept {
  if (woken == Woken::ready) return true;
  caller_left_ = caller_left_ || woken == Woken::cancelled;
  cancellation_ = Cancellation::ignored;
  return false;
}

ErrorKind Connection::why_stopped() const noexcept {
  return caller_left_ ? ErrorKind::cancelled : ErrorKind::timeout;
}

Error Connection::stopped_error(std::string_view name) const {
  return Error(why_stopped(),
               std::string(name) +
                   (caller_left_ ? ": cancelled while it was running"
                                 : ": the deadline passed while it was running; it was cancelled"));
}

void Connection::require(int libpq_ok) const {
  if (libpq_ok != 1) lost();
}

asio::awaitable<std::vector<Result>> Connection::execute(std::vector<Request> requests,
                                                         Deadline deadline,
                                                         ExecuteOptions options) {
  const bool writes = may_write(requests);
  std::string name = first_name(requests);
  return guarded(execute_here(std::move(requests), deadline, std::move(options)), std::move(name),
                 writes);
}

asio::awaitable<std::vector<Result>> Connection::execute_here(std::vector<Request> requests,
                                                              Deadline deadline,
                                                              ExecuteOptions options) {
  co_await make_sendable(requests, deadline);
  const bool may_retry = options.prefix.empty();
  std::vector<Result> results = co_await attempt(requests, deadline, std::move(options));
  co_await retry_stale(requests, results, deadline, may_retry && !in_transaction());
  co_return results;
}

asio::awaitable<void> Connection::make_sendable(std::vector<Request>& requests, Deadline deadline) {
  for (const Request& request : requests) refuse_unsendable(request);
  for (Request& request : requests) {
    std::vector<TypeId> unknown;
    // Again, should another caller have made all forgotten meanwhile.
    while (!(unknown = types_->fill(request.params)).empty()) {
      co_await learn_types(std::move(unknown), deadline);
    }
  }
}

// A prepared statement the server no longer has, or whose result changed its shape, is prepared
// anew once (fact F10). Inside a transaction the failure stands, for the transaction is over. So it
// does when a later statement has run: running this one now would turn their order round.
asio::awaitable<void> Connection::retry_stale(std::vector<Request>& requests,
                                              std::vector<Result>& results, Deadline deadline,
                                              bool allowed) {
  const bool only_reads = !may_write(requests);
  std::vector<std::size_t> stale;
  for (std::size_t i = requests.size(); i-- > 0;) {
    if (is_stale(results[i])) {
      if (allowed) stale.push_back(i);
    } else if (!only_reads) {
      allowed = false;
    }
  }
  if (stale.empty() || deadline.passed() || caller_left_) co_return;
  std::ranges::reverse(stale);
  std::vector<Request> again;
  for (const std::size_t i : stale) again.push_back(std::move(requests[i]));
  std::vector<Result> retried = co_await attempt(again, deadline, {});
  for (std::size_t i = 0; i < stale.size(); ++i) results[stale[i]] = std::move(retried[i]);
}

asio::awaitable<std::vector<Result>> Connection::attempt(std::vector<Request>& requests,
                                                         Deadline deadline,
                                                         ExecuteOptions options) {
  InFlight flight(*this);
  if (deadline.passed()) {
    flight.landed();
    throw Error(ErrorKind::timeout, "the deadline passed before it was sent");
  }
  if (caller_left_) {
    flight.landed();
    throw Error(ErrorKind::cancelled, "cancelled before it was sent");
  }
  committing_ = options.never_cancel;
  undone_ = options.uncommitted || options.ends_with_commit;
  Batch batch;
  batch.requests.swap(requests);
  try {
    send(batch, options);
    if (!co_await drain(batch, deadline)) {
      if (options.never_cancel) throw Error(why_stopped(), "no answer while its caller waited");
      co_await cancel(batch);
    }
  } catch (const Error& error) {
    observe_unanswered(batch, error);
    throw;
  }
  flight.landed();
  requests.swap(batch.requests);
  co_return std::move(batch.results);
}

// Each statement of the batch that still runs is cancelled in its turn, until all have answered.
asio::awaitable<void> Connection::cancel(Batch& batch) {
  using namespace std::chrono_literals;
  const Deadline grace = Deadline::after(cancel_patience_);
  const auto step = std::clamp(cancel_patience_ / 20, 10ms, 100ms);  // for each statement's answer
  batch.cancelled = true;
  do {
    if (grace.passed()) throw Error(why_stopped(), "the server did not answer a cancel");
    co_await cancel_running(grace);
  } while (!co_await drain(batch, grace.sooner(Deadline::after(step))));
}

asio::awaitable<bool> Connection::wait_result(Deadline deadline) {
  PGconn* connection = connection_.get();
  // Writing without reading deadlocks on large data (F3); consume again only once all that was read
  // has been taken (F4): PQisBusy is false while a result is ready.
  while (PQisBusy(connection) != 0) {
    const int unsent = PQflush(connection);
    if (unsent < 0) lost();
    const Want want = unsent == 1 ? Want::read_or_write : Want::read;
    if (!in_time(co_await waiter_.wait(want, deadline, cancellation_))) co_return false;
    if (PQconsumeInput(connection) == 0) lost();
  }
  co_return true;
}

// The next result, which must be ready. After a loss only the head of a pipeline gets an error and
// the rest NULL for ever (F5), and that error may come before the end of the stream is seen.
PgResultPtr Connection::take_result() {
  PgResultPtr result(PQgetResult(connection_.get()));
  if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) note_fault(result.get());
  if (PQstatus(connection_.get()) == CONNECTION_BAD) lost();
  refuse_fatal(result.get());
  return result;
}

// Until the server has taken note of the cancel. One that may still arrive would hit the statement
// after it, so doubt about that ends the connection.
asio::awaitable<void> Connection::cancel_running(Deadline deadline) {
  struct Finish {
    void operator()(PGcancelConn* cancel) const noexcept { PQcancelFinish(cancel); }
  };
  const std::unique_ptr<PGcancelConn, Finish> cancel(PQcancelCreate(connection_.get()));
  bool started = PQcancelStart(cancel.get()) == 1;
  SocketWaiter waiter(executor_);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (started && state != PGRES_POLLING_OK) {
    waiter.watch(PQcancelSocket(cancel.get()));
    const Want want = state == PGRES_POLLING_READING ? Want::read : Want::write;
    if (co_await waiter.wait(want, deadline, Cancellation::ignored) != Woken::ready) break;
    state = PQcancelPoll(cancel.get());
    started = state != PGRES_POLLING_FAILED;
  }
  if (!started || state != PGRES_POLLING_OK) {
    throw Error(why_stopped(), "it could not be cancelled on the server");
  }
}

}  // namespace loci::pg
