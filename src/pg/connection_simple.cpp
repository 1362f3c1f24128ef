// What does not run in pipeline mode: scripts, descriptions and COPY.
#include <cstdlib>
#include <utility>

#include "pg/connection_strand.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr std::string_view k_copy_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view k_copy_trailer("\377\377", 2);
constexpr std::size_t k_max_chunk = std::size_t{1} << 30;

Description description(const PGresult* result) {
  Description made;
  for (int i = 0; i < PQnparams(result); ++i) made.parameters.push_back(PQparamtype(result, i));
  for (int i = 0; i < PQnfields(result); ++i) {
    made.columns.push_back({
        .name = PQfname(result, i),
        .type_oid = PQftype(result, i),
        .type_modifier = PQfmod(result, i),
        .table_oid = PQftable(result, i),
        .table_column = static_cast<std::int16_t>(PQftablecol(result, i)),
    });
  }
  return made;
}

}  // namespace

asio::awaitable<void> Connection::script(std::string sql, std::string name, Deadline deadline) {
  return on_strand(script_here(std::move(sql), name, deadline), name, true);
}

asio::awaitable<Description> Connection::describe(std::string sql, Deadline deadline) {
  return on_strand(describe_here(std::move(sql), deadline), "Describe", false);
}

asio::awaitable<std::uint64_t> Connection::copy_in(std::string sql, Lease::CopySource next,
                                                   Deadline deadline) {
  return on_strand(copy_in_here(std::move(sql), std::move(next), deadline), "Copy", true);
}

void Connection::enter_pipeline() {
  require(PQenterPipelineMode(connection_.get()));
}

void Connection::leave_pipeline() {
  require(PQexitPipelineMode(connection_.get()));
}

asio::awaitable<bool> Connection::flush(Deadline deadline) {
  PGconn* connection = connection_.get();
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) lost();
    if (unsent == 0) co_return true;
    if (!co_await waiter_.wait(Want::read_or_write, deadline)) co_return false;
    if (PQconsumeInput(connection) == 0) lost();
  }
}

// The last result of what was just sent, all of them read, and the server's first error.
asio::awaitable<Connection::Answer> Connection::simple_answer(std::string_view name,
                                                              Deadline deadline) {
  Answer answer;
  bool cancelled = false;
  for (;;) {
    if (!co_await wait_result(deadline)) {
      if (cancelled) {
        throw Error(ErrorKind::timeout,
                    "the deadline passed and the server did not answer a cancel");
      }
      cancelled = true;
      co_await cancel_running();
      deadline = Deadline::after(k_cancel_grace);
      continue;
    }
    PgResultPtr result = take_result();
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      throw Error(ErrorKind::invalid_argument, "COPY TO is not supported");
    }
    if (!succeeded(result.get()) && !answer.error) {
      answer.error.emplace(server_error(result.get()), name);
    }
    answer.result = std::move(result);
    if (status == PGRES_COPY_IN) break;  // the server now waits for data
  }
  if (cancelled && answer.error) answer.error = cancelled_error(name);
  co_return answer;
}

asio::awaitable<void> Connection::script_here(std::string sql, std::string name,
                                              Deadline deadline) {
  InFlight flight(*this);
  leave_pipeline();
  require(PQsendQuery(connection_.get(), sql.c_str()));
  const Answer answer = co_await simple_answer(name, deadline);
  if (PQresultStatus(answer.result.get()) == PGRES_COPY_IN) {
    throw Error(ErrorKind::invalid_argument, "COPY goes through copy_in()");
  }
  enter_pipeline();
  flight.landed();
  if (answer.error) throw Error(*answer.error);
}

asio::awaitable<Description> Connection::describe_here(std::string sql, Deadline deadline) {
  InFlight flight(*this);
  leave_pipeline();
  require(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr));
  Answer answer = co_await simple_answer("Describe", deadline);
  if (!answer.error) {
    require(PQsendDescribePrepared(connection_.get(), ""));
    answer = co_await simple_answer("Describe", deadline);
  }
  enter_pipeline();
  flight.landed();
  if (answer.error) throw Error(*answer.error);
  co_return description(answer.result.get());
}

// COPY takes a connection outside pipeline mode (F9).
asio::awaitable<std::uint64_t> Connection::copy_in_here(std::string sql, Lease::CopySource next,
                                                        Deadline deadline) {
  InFlight flight(*this);
  leave_pipeline();
  require(PQsendQuery(connection_.get(), sql.c_str()));
  Answer answer = co_await simple_answer("Copy", deadline);
  const bool copying = PQresultStatus(answer.result.get()) == PGRES_COPY_IN;
  std::exception_ptr source_failure;
  if (copying) {
    source_failure = co_await put_rows(next, deadline);
    require(
        PQputCopyEnd(connection_.get(), source_failure ? "the rows could not be made" : nullptr));
    answer = co_await simple_answer("Copy", deadline);
  }
  enter_pipeline();
  flight.landed();
  if (source_failure) std::rethrow_exception(source_failure);
  if (answer.error) throw Error(*answer.error);
  if (!copying) throw Error(ErrorKind::invalid_argument, "this is no COPY FROM STDIN");
  co_return std::strtoull(PQcmdTuples(answer.result.get()), nullptr, 10);
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
    if (deadline.passed() || !co_await flush(deadline)) {
      co_return std::make_exception_ptr(
          Error(ErrorKind::timeout, "the deadline passed while rows were sent"));
    }
  }
  if (!any) put(k_copy_header);
  put(k_copy_trailer);
  co_return nullptr;
}

}  // namespace loci::pg
