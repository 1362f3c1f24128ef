// Results that are read chunk by chunk, in pipeline mode.
#include <utility>

#include "pg/connection_guard.hpp"
#include "pg/reading.hpp"

namespace loci::pg {

namespace asio = boost::asio;

ResultStream::ResultStream(std::unique_ptr<Reading> reading) : reading_(std::move(reading)) {}
ResultStream::ResultStream(ResultStream&&) noexcept = default;
ResultStream& ResultStream::operator=(ResultStream&&) noexcept = default;
ResultStream::~ResultStream() = default;

asio::awaitable<std::optional<Result>> ResultStream::next() {
  return reading_->connection.next_chunk(*reading_);
}

asio::awaitable<void> ResultStream::stop() {
  return reading_->connection.stop_stream(*reading_);
}

asio::awaitable<std::unique_ptr<Reading>> Connection::stream(Request request, int chunk_rows,
                                                             Deadline deadline) {
  const bool writes = request.statement.lane != Lane::shared;
  std::string name(request.statement.name);
  return guarded(stream_here(std::move(request), chunk_rows, deadline), std::move(name), writes);
}

asio::awaitable<std::optional<Result>> Connection::next_chunk(Reading& reading) {
  return guarded(next_chunk_here(reading), reading.name, reading.writes);
}

asio::awaitable<void> Connection::stop_stream(Reading& reading) {
  return guarded(stop_stream_here(reading), reading.name, false);
}

asio::awaitable<std::unique_ptr<Reading>> Connection::stream_here(Request request, int chunk_rows,
                                                                  Deadline deadline) {
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  co_await make_sendable(requests, deadline);
  for (bool may_retry = !in_transaction();; may_retry = false) {
    auto reading =
        std::make_unique<Reading>(*this, std::string(requests[0].statement.name), deadline);
    reading->writes = requests[0].statement.lane != Lane::shared;
    reading->batch.requests.swap(requests);
    try {
      co_await start_stream(*reading, chunk_rows);
      reading->first = co_await next_chunk_here(*reading);
      co_return reading;
    } catch (const Error&) {
      // A prepared statement the server no longer has, or whose result changed its shape (F10).
      const std::vector<Result>& results = reading->batch.results;
      const bool stale = !results.empty() && is_stale(results[0]);
      if (!stale || !may_retry || caller_left_) throw;
    }
    requests.swap(reading->batch.requests);
  }
}

// One that came to its end before the cancel has written, though nobody saw its rows.
Error Connection::stopped_stream(const Reading& reading) const {
  const std::vector<Result>& results = reading.batch.results;
  const bool done = !results.empty() && !results[0].failed();
  const Error error = stopped_error(reading.name);
  return done && reading.writes && !undone_ ? error.with_unknown_outcome() : error;
}

asio::awaitable<void> Connection::start_stream(Reading& reading, int chunk_rows) {
  Batch& batch = reading.batch;
  if (reading.deadline.passed()) {
    reading.landed();
    throw Error(ErrorKind::timeout, "the deadline passed before it was sent");
  }
  if (caller_left_) {
    reading.landed();
    throw Error(ErrorKind::cancelled, "cancelled before it was sent");
  }
  undone_ = in_transaction();
  send(batch, {});
  // The mode is that of the head of the queue (F8), so what comes before must be read first.
  while (batch.expected[batch.next].kind != Expected::Kind::execute) {
    if (!co_await wait_result(reading.deadline)) {
      co_await cancel(batch);
      reading.landed();
      throw stopped_stream(reading);
    }
    take_next(batch);
  }
  // When something before it failed there will be no rows to cut.
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_ABORTED) co_return;
  require(PQsetChunkedRowsMode(connection_.get(), chunk_rows));
}

asio::awaitable<std::optional<Result>> Connection::next_chunk_here(Reading& reading) {
  if (reading.first) co_return std::exchange(reading.first, std::nullopt);
  if (reading.over()) co_return std::nullopt;
  Batch& batch = reading.batch;
  try {
    bool in_time = co_await wait_result(reading.deadline);
    if (in_time) {
      PgResultPtr result = take_result();
      if (PQresultStatus(result.get()) == PGRES_TUPLES_CHUNK) {
        co_return make_result(batch.requests[0].statement.name, std::move(result));
      }
      if (!result) throw Error(ErrorKind::protocol, "the server's answers are out of step");
      take_command(batch, batch.expected[batch.next], std::move(result));
      ++batch.next;
      in_time = co_await drain(batch, reading.deadline);
    }
    if (!in_time) co_await cancel(batch);
    reading.landed();
    if (!in_time) throw stopped_stream(reading);
  } catch (const Error& error) {
    if (!reading.over()) observe_unanswered(batch, error);
    reading.flight.reset();  // broken, unless it landed
    throw;
  } catch (...) {
    reading.flight.reset();  // broken, unless it landed
    throw;
  }
  batch.results[0].check();
  co_return std::nullopt;
}

asio::awaitable<void> Connection::stop_stream_here(Reading& reading) {
  reading.first.reset();
  if (reading.over()) co_return;
  try {
    co_await cancel(reading.batch);
    reading.landed();
  } catch (...) {
    reading.flight.reset();
    throw;
  }
}

}  // namespace loci::pg
