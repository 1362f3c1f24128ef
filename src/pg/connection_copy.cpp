// COPY in and out, which takes a connection outside pipeline mode (F9).
#include <cstdlib>
#include <utility>

#include "pg/connection_guard.hpp"
#include "pg/reading.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr std::string_view k_copy_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view k_copy_trailer("\377\377", 2);
constexpr std::size_t k_max_chunk = std::size_t{1} << 30;

constexpr std::size_t k_read_at_once = 64 * 1024;

struct FreeMemory {
  void operator()(char* bytes) const noexcept { PQfreemem(bytes); }
};

}  // namespace

CopyOut::CopyOut(std::unique_ptr<Reading> reading) : reading_(std::move(reading)) {}
CopyOut::CopyOut(CopyOut&&) noexcept = default;
CopyOut& CopyOut::operator=(CopyOut&&) noexcept = default;
CopyOut::~CopyOut() = default;

asio::awaitable<std::span<const CopyRow>> CopyOut::next() {
  return reading_->connection.next_copied(*reading_);
}

asio::awaitable<void> CopyOut::stop() {
  return reading_->connection.stop_copy(*reading_);
}

asio::awaitable<std::uint64_t> Connection::copy_in(std::string sql, Lease::CopySource next,
                                                   Deadline deadline) {
  return guarded(copy_in_here(std::move(sql), std::move(next), deadline), "Copy", true);
}

asio::awaitable<std::unique_ptr<Reading>> Connection::copy_out(std::string sql, Deadline deadline) {
  return guarded(copy_out_here(std::move(sql), deadline), "Copy", false);
}

asio::awaitable<std::span<const CopyRow>> Connection::next_copied(Reading& reading) {
  return guarded(next_copied_here(reading), reading.name, false);
}

asio::awaitable<void> Connection::stop_copy(Reading& reading) {
  return guarded(stop_copy_here(reading), reading.name, false);
}

std::uint64_t Connection::copied_rows(const Answer& answer) {
  return std::strtoull(PQcmdTuples(answer.result.get()), nullptr, 10);
}

asio::awaitable<bool> Connection::flush(Deadline deadline) {
  PGconn* connection = connection_.get();
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) lost();
    if (unsent == 0) co_return true;
    if (!in_time(co_await waiter_.wait(Want::read_or_write, deadline, cancellation_))) {
      co_return false;
    }
    if (PQconsumeInput(connection) == 0) lost();
  }
}

asio::awaitable<std::uint64_t> Connection::copy_in_here(std::string sql, Lease::CopySource next,
                                                        Deadline deadline) {
  InFlight flight(*this);
  const Clock::time_point start = Clock::now();
  undone_ = in_transaction();
  sql = with_settings(std::move(sql));
  leave_pipeline();
  require(PQsendQuery(connection_.get(), sql.c_str()));
  Answer answer = co_await simple_answer("Copy", deadline);
  const bool copying = PQresultStatus(answer.result.get()) == PGRES_COPY_IN;
  std::exception_ptr source_failure;
  if (copying) {
    source_failure = co_await put_rows(next, deadline);
    require(
        PQputCopyEnd(connection_.get(), source_failure ? "the rows could not be made" : nullptr));
    answer = co_await simple_answer("Copy", caller_left_ ? Deadline::after({}) : deadline);
  }
  enter_pipeline();
  flight.landed();
  const std::uint64_t rows = copied_rows(answer);
  if (observer_ && copying) {
    observer_->copied(rows, Clock::now() - start, answer.error ? &*answer.error : nullptr);
  }
  if (source_failure) std::rethrow_exception(source_failure);
  if (answer.error) throw Error(*answer.error);
  if (!copying) throw Error(ErrorKind::invalid_argument, "this is no COPY FROM STDIN");
  co_return rows;
}

// What the source threw, or what ended it before its end: the COPY is then to be ended as failed.
asio::awaitable<std::exception_ptr> Connection::put_rows(Lease::CopySource& next,
                                                         Deadline deadline) {
  const auto put = [&](std::string_view bytes) {
    require(PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())));
  };
  std::string chunk;
  bool any = false;
  for (;;) {
    chunk.clear();
    try {
      if (!next(chunk)) break;
      if (chunk.size() > k_max_chunk) {
        throw Error(ErrorKind::invalid_argument, "a chunk of COPY is over 1 GB");
      }
    } catch (...) {
      co_return std::current_exception();
    }
    any = any || !chunk.empty();
    put(chunk);
    if (deadline.passed() || caller_left_ || !co_await flush(deadline)) {
      co_return std::make_exception_ptr(
          Error(why_stopped(), caller_left_ ? "cancelled while rows were sent"
                                            : "the deadline passed while rows were sent"));
    }
  }
  if (!any) put(k_copy_header);
  put(k_copy_trailer);
  co_return nullptr;
}

asio::awaitable<std::unique_ptr<Reading>> Connection::copy_out_here(std::string sql,
                                                                    Deadline deadline) {
  auto reading = std::make_unique<Reading>(*this, "Copy", deadline);
  sql = with_settings(std::move(sql));
  leave_pipeline();
  require(PQsendQuery(connection_.get(), sql.c_str()));
  const Answer answer = co_await simple_answer("Copy", deadline);
  const ExecStatusType status = PQresultStatus(answer.result.get());
  if (status == PGRES_COPY_OUT && PQbinaryTuples(answer.result.get()) != 0) {
    if (!caller_left_) co_return reading;
    co_await cancel_copy(*reading);
    throw stopped_error(reading->name);
  }
  if (!is_copying(status)) end_copy(*reading);
  if (answer.error) throw Error(*answer.error);
  throw Error(ErrorKind::invalid_argument, "this is no COPY TO STDOUT (format binary)");
}

void Connection::end_copy(Reading& reading) {
  enter_pipeline();
  reading.landed();
}

asio::awaitable<std::span<const CopyRow>> Connection::next_copied_here(Reading& reading) {
  try {
    while (!reading.over()) {
      reading.rows.discard();
      if (!co_await read_copy(reading, reading.deadline)) {
        co_await cancel_copy(reading);
        throw stopped_error(reading.name);
      }
      const std::span<const CopyRow> rows = reading.rows.parse();
      if (reading.over()) reading.rows.expect_end();
      if (!rows.empty()) co_return rows;
    }
  } catch (const Error& error) {
    if (!reading.over() && observer_) {
      observer_->copied(0, Clock::now() - reading.since, &error);
    }
    reading.flight.reset();  // broken, unless it landed
    throw;
  } catch (...) {
    reading.flight.reset();
    throw;
  }
  co_return std::span<const CopyRow>();
}

// Takes what has come, waiting for something. At the end of the data the COPY is over. False when
// the deadline passed.
asio::awaitable<bool> Connection::read_copy(Reading& reading, Deadline deadline) {
  PGconn* connection = connection_.get();
  const std::size_t before = reading.rows.size();
  for (;;) {
    char* bytes = nullptr;
    const int length = PQgetCopyData(connection, &bytes, 1);
    const std::unique_ptr<char, FreeMemory> owner(bytes);
    if (length > 0) {
      reading.rows.append(std::string_view(bytes, static_cast<std::size_t>(length)));
      if (reading.rows.size() - before >= k_read_at_once) co_return true;
    } else if (length == 0) {
      if (reading.rows.size() > before) co_return true;
      if (!in_time(co_await waiter_.wait(Want::read, deadline, cancellation_))) co_return false;
      if (PQconsumeInput(connection) == 0) lost();
    } else if (length == -1) {
      const Answer answer = co_await simple_answer(reading.name, deadline);
      end_copy(reading);
      const Error* error = answer.error ? &*answer.error : nullptr;
      if (observer_) observer_->copied(copied_rows(answer), Clock::now() - reading.since, error);
      if (answer.error) throw Error(*answer.error);
      co_return true;
    } else {
      lost();
    }
  }
}

// Reads, and drops, what the server sent until it took note.
asio::awaitable<void> Connection::cancel_copy(Reading& reading) {
  const Deadline grace = Deadline::after(cancel_patience_);
  co_await cancel_running(grace);
  while (!reading.over()) {
    reading.rows = CopyReader();
    try {
      if (!co_await read_copy(reading, grace)) {
        throw Error(ErrorKind::timeout, "the server did not answer a cancel");
      }
    } catch (const Error&) {
      if (!reading.over()) throw;  // else it is what the cancel brought
    }
  }
}

asio::awaitable<void> Connection::stop_copy_here(Reading& reading) {
  if (reading.over()) co_return;
  try {
    co_await cancel_copy(reading);
  } catch (...) {
    reading.flight.reset();
    throw;
  }
}

}  // namespace loci::pg
