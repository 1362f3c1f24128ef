// What a shared connection sends for an entry, and how it tells the answers apart.
#include <algorithm>
#include <string>

#include "pg/arguments.hpp"
#include "pg/out_of_step.hpp"
#include "pg/shared_connection.hpp"
#include "pg/statement_text.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;
// Nearer than this, the server is told how long it may take: so it does not go on with what nobody
// waits for, and others do not wait behind it (fact F7).
constexpr auto k_near = 1s;

void require(int libpq_ok, const PGconn* connection) {
  if (libpq_ok != 1) throw Error(ErrorKind::connection_lost, connection_message(connection));
}

}  // namespace

void SharedConnection::lost() {
  throw Error(ErrorKind::connection_lost, connection_message(connection()));
}

// Queued in libpq, and flushed once for all of them (fact F2).
void SharedConnection::send_pending(Clock::time_point now) {
  if (pending_.empty()) return;
  if (in_flight_.empty()) begin_head(now);
  while (!pending_.empty()) {
    Entry entry = std::move(pending_.front());
    pending_.pop_front();
    if (!statements().contains(entry.statement.sql) && !may_be_shared(entry.statement.sql)) {
      complete(entry, std::make_exception_ptr(
                          Error(ErrorKind::invalid_argument,
                                std::string(entry.statement.name) +
                                    ": only a statement that reads may share a connection")));
      load_.fetch_sub(1, std::memory_order_relaxed);
      continue;
    }
    in_flight_.push_back(std::move(entry));  // before it is sent: a failure halfway fails it too
    send(in_flight_.back(), now);
  }
  flush();
}

void SharedConnection::send(Entry& entry, Clock::time_point now) {
  const Request& request = *entry.request;
  entry.sent_at = now;
  const char* name = statements().find(request.statement.sql);
  if (name == nullptr) make_room(entry);
  if (request.settings) send_settings(entry, *request.settings);
  if (entry.deadline.at() < now + k_near) send_timeout(entry, now);
  if (name == nullptr) {
    // Parse travels with the first execution: no round trip of its own.
    const StatementCache::Entry& added = statements().add(request.statement.sql);
    name = added.name.c_str();
    require(PQsendPrepare(connection(), name, added.sql.c_str(), 0, nullptr), connection());
    ++entry.commands;
    entry.prepares = true;
    observer_->prepared(entry.statement);
  }
  entry.prepared = statements().latest();
  const Arguments arguments(request.params);
  require(PQsendQueryPrepared(connection(), name, arguments.count(), arguments.values(),
                              arguments.lengths(), arguments.formats(), 1),
          connection());
  ++entry.commands;
  require(PQsendPipelineSync(connection()), connection());
  observer_->started(entry.statement, Lane::shared);
  entry.request = nullptr;  // libpq has copied it; the caller may go
}

// First in the group, so that no failure before them makes the server skip them.
void SharedConnection::make_room(Entry& entry) {
  while (const std::optional<std::string> old = statements().evict()) {
    require(PQsendClosePrepared(connection(), old->c_str()), connection());
    ++entry.commands;
  }
}

void SharedConnection::send_settings(Entry& entry, const std::string& sql) {
  require(PQsendQueryParams(connection(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1),
          connection());
  ++entry.commands;
}

void SharedConnection::send_timeout(Entry& entry, Clock::time_point now) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(entry.deadline.at() - now);
  const std::string text = std::to_string(std::max<std::int64_t>(left.count(), 1));
  const char* const value = text.c_str();
  require(PQsendQueryParams(connection(), "select set_config('statement_timeout', $1, true)", 1,
                            nullptr, &value, nullptr, nullptr, 0),
          connection());
  ++entry.commands;
  entry.timed = true;
}

void SharedConnection::take_answers(Clock::time_point now) {
  bool first = true;
  // Consumed only when all that was read has been taken (fact F4): PQisBusy is false while a result
  // is ready.
  while (!in_flight_.empty() && PQisBusy(connection()) == 0) {
    PgResultPtr result(PQgetResult(connection()));
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      lease_->connection().note_fault(result.get());
    }
    if (PQstatus(connection()) == CONNECTION_BAD) lost();
    Entry& entry = in_flight_.front();
    if (!take(entry, std::move(result))) continue;
    finish(entry, now, first);
    in_flight_.pop_front();
    first = false;
  }
  if (first) return;
  pace_.answered_after(now - head_since_);
  begin_head(now);
  // The server is another than it was; the pool sees to the other connections when it gets this
  // one.
  if (lease_->connection().role_changed()) {
    retiring_ = true;
    taking_ = false;
  }
  if (load() != 0) return;
  idle_since_ = now;
  arm(spare_at());
}

// True when it was the end of the entry's group.
bool SharedConnection::take(Entry& entry, PgResultPtr result) {
  const ExecStatusType status = PQresultStatus(result.get());
  refuse_fatal(result.get());
  const int sync = 2 * entry.commands;
  if (entry.step >= sync) {
    if (result && status == PGRES_PIPELINE_SYNC) return true;
    // The commit of the group failed: an error and a NULL come before its Sync.
    const bool error_now = entry.step == sync && result && !succeeded(result.get());
    const bool end_of_error = entry.step == sync + 1 && !result;
    if (!error_now && !end_of_error) out_of_step("the end of a group is missing");
    if (error_now) entry.result = make_result(entry.statement.name, std::move(result));
    entry.step = static_cast<std::uint16_t>(error_now ? sync + 1 : sync);
    return false;
  }
  const bool expects_end = entry.step++ % 2 == 1;
  if (expects_end) {
    if (result) out_of_step("a second result for one statement");
    return false;
  }
  if (!result || status == PGRES_PIPELINE_SYNC) out_of_step("no result for a statement");
  if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
    out_of_step("COPY on a shared connection");
  }
  const int command = entry.step / 2 + 1;  // from 1
  const bool failed = !succeeded(result.get());
  if (failed && entry.prepares && command == entry.commands - 1) {
    statements().forget(entry.statement.sql);  // a failed Parse leaves no statement (fact F10)
  }
  if ((failed || command == entry.commands) && !entry.result) {
    entry.result = make_result(entry.statement.name, std::move(result));
  }
  return false;
}

void SharedConnection::finish(Entry& entry, Clock::time_point now, bool first) {
  const Error* error = entry.result->error();
  // Of the answers that came together only the first was waited for; the others came with it.
  if (first && error == nullptr) {
    entry.record->cost.ran(running_for(entry, now), entry.result->memory_size());
  } else if (first && error->sqlstate() == "57014") {
    entry.record->cost.ran_at_least(running_for(entry, now));
  }
  if (is_stale(*entry.result)) statements().drop(entry.statement.sql, entry.prepared);
  if (entry.timed && error != nullptr && error->sqlstate() == "57014") {
    entry.result = make_failed_result(
        entry.statement.name,
        Error(ErrorKind::timeout,
              std::string(entry.statement.name) +
                  ": the deadline passed while it was running; the server stopped it"));
  }
  observer_->ended(*entry.record, {.statement = entry.statement,
                                   .lane = Lane::shared,
                                   .wait = entry.sent_at - entry.submitted_at,
                                   .run = now - entry.sent_at,
                                   .rows = entry.result->rows(),
                                   .bytes = entry.result->memory_size(),
                                   .error = entry.result->error()});
  load_.fetch_sub(1, std::memory_order_relaxed);
  if (entry.handler) {
    complete(entry, nullptr);
  } else if (--abandoned_ == 0 && !retiring_) {
    taking_ = true;
  }
}

void SharedConnection::begin_head(Clock::time_point now) {
  head_since_ = now;
  head_due_.store(now + pace_.too_long(), std::memory_order_relaxed);
}

SharedConnection::Clock::duration SharedConnection::running_for(const Entry& head,
                                                                Clock::time_point now) const {
  return now - std::max(head_since_, head.sent_at);
}

void SharedConnection::flush() {
  const int unsent = PQflush(connection());
  if (unsent < 0) lost();
  if (unsent == 0 || std::exchange(writing_, true)) return;
  socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                     [self = shared_from_this()](const auto& error) { self->writable(error); });
}

// Also while nothing is under way: so the end of the connection is noticed.
void SharedConnection::wait_readable() {
  if (std::exchange(reading_, true)) return;
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const auto& error) { self->readable(error); });
}

}  // namespace loci::pg
