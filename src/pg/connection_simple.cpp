// What does not run in pipeline mode: scripts, descriptions and COPY.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

// Turns a cancelled wait into our error; the stream position is then unknown.
template <class T>
asio::awaitable<T> on_strand(asio::any_io_executor strand, asio::awaitable<T> work, bool& in_step,
                             std::string name) {
  try {
    co_return co_await asio::co_spawn(strand, std::move(work), asio::use_awaitable);
  } catch (const boost::system::system_error& error) {
    in_step = false;
    throw Error(ErrorKind::cancelled, name + ": " + error.what()).with_unknown_outcome();
  } catch (const Error& error) {
    const Error named = error.server() != nullptr ? error : error.with_context(name);
    throw in_step ? named : named.with_unknown_outcome();
  }
}

}  // namespace

asio::awaitable<void> Connection::script(std::string sql, std::string name, Deadline deadline) {
  return on_strand(strand_, script_here(std::move(sql), name, deadline), in_step_, name);
}

asio::awaitable<Description> Connection::describe(std::string sql, Deadline deadline) {
  return on_strand(strand_, describe_here(std::move(sql), deadline), in_step_, "describe");
}

asio::awaitable<std::uint64_t> Connection::copy_in(std::string sql, Lease::CopySource next,
                                                   Deadline deadline) {
  return on_strand(strand_, copy_in_here(std::move(sql), std::move(next), deadline), in_step_, "copy");
}

void Connection::enter_pipeline() { require(PQenterPipelineMode(connection_.get())); }

void Connection::leave_pipeline() {
  if (!usable()) lost();
  require(PQexitPipelineMode(connection_.get()));
}

// The last result of what was just sent, all of them read; throws the first error among them.
asio::awaitable<PgResultPtr> Connection::simple_result(std::string_view name, Deadline deadline) {
  PgResultPtr last;
  std::optional<Error> failure;
  bool cancelled = false;
  Deadline until = deadline;
  for (;;) {
    if (!co_await wait_result(until)) {
      if (cancelled) {
        in_step_ = false;
        throw Error(ErrorKind::timeout, "the deadline passed and the server did not answer a cancel");
      }
      cancelled = true;
      co_await cancel_running();
      until = Deadline::after(std::chrono::seconds(2));
      continue;
    }
    PgResultPtr result(PQgetResult(connection_.get()));
    if (PQstatus(connection_.get()) == CONNECTION_BAD) lost();
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (!succeeded(result.get()) && !failure) failure.emplace(server_error(result.get()), name);
    last = std::move(result);
    if (status == PGRES_COPY_IN) break;  // the server now waits for data
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) out_of_step("COPY TO is not expected");
  }
  if (failure && cancelled) {
    throw Error(ErrorKind::timeout, "the deadline passed while it was running; it was cancelled");
  }
  if (failure) throw Error(*failure);
  co_return last;
}

asio::awaitable<void> Connection::script_here(std::string sql, std::string name, Deadline deadline) {
  leave_pipeline();
  std::optional<Error> failure;
  require(PQsendQuery(connection_.get(), sql.c_str()));
  try {
    const PgResultPtr last = co_await simple_result(name, deadline);
    if (last && PQresultStatus(last.get()) == PGRES_COPY_IN) out_of_step("COPY in a script");
  } catch (const Error& error) {
    if (!in_step_) throw;
    failure = error;
  }
  enter_pipeline();
  if (failure) throw Error(*failure);
}

asio::awaitable<Description> Connection::describe_here(std::string sql, Deadline deadline) {
  leave_pipeline();
  std::optional<Error> failure;
  Description description;
  require(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr));
  try {
    (void)co_await simple_result("", deadline);
    require(PQsendDescribePrepared(connection_.get(), ""));
    const PgResultPtr result = co_await simple_result("", deadline);
    for (int i = 0; i < PQnparams(result.get()); ++i) {
      description.parameters.push_back(PQparamtype(result.get(), i));
    }
    for (int i = 0; i < PQnfields(result.get()); ++i) {
      description.columns.push_back({
          .name = PQfname(result.get(), i),
          .type_oid = PQftype(result.get(), i),
          .type_modifier = PQfmod(result.get(), i),
          .table_oid = PQftable(result.get(), i),
          .table_column = static_cast<std::int16_t>(PQftablecol(result.get(), i)),
      });
    }
  } catch (const Error& error) {
    if (!in_step_) throw;
    failure = error;
  }
  enter_pipeline();
  if (failure) throw Error(*failure);
  co_return description;
}

asio::awaitable<std::uint64_t> Connection::copy_in_here(std::string sql, Lease::CopySource next,
                                                        Deadline deadline) {
  constexpr std::string_view header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  constexpr std::string_view trailer("\377\377", 2);
  PGconn* connection = connection_.get();
  leave_pipeline();
  require(PQsendQuery(connection, sql.c_str()));
  std::optional<Error> failure;
  std::exception_ptr thrown;
  std::uint64_t rows = 0;
  try {
    const PgResultPtr opened = co_await simple_result("copy", deadline);
    if (!opened || PQresultStatus(opened.get()) != PGRES_COPY_IN) {
      throw Error(ErrorKind::invalid_argument, "copy_in() was given a statement that is no COPY FROM STDIN");
    }
    const auto put = [&](std::string_view bytes) {
      require(PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())));
    };
    std::string chunk;
    bool any = false;
    try {
      while (chunk.clear(), next(chunk)) {
        any = any || !chunk.empty();
        put(chunk);
        co_await flush(deadline);
      }
      if (!any) put(header);
      put(trailer);
    } catch (...) {
      if (!in_step_) throw;
      thrown = std::current_exception();
    }
    require(PQputCopyEnd(connection, thrown ? "the rows could not be made" : nullptr));
    const PgResultPtr done = co_await simple_result("copy", deadline);
    if (done) rows = std::strtoull(PQcmdTuples(done.get()), nullptr, 10);
  } catch (const Error& error) {
    if (!in_step_) throw;
    failure = error;
  }
  enter_pipeline();
  if (thrown) std::rethrow_exception(thrown);
  if (failure) throw Error(*failure);
  co_return rows;
}

}  // namespace loci::pg
