// Scripts, which do not run in pipeline mode, and descriptions; COPY is in connection_copy.cpp.
#include <optional>
#include <utility>

#include "pg/connection_guard.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

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
  return guarded(script_here(std::move(sql), name, deadline), name, true);
}

asio::awaitable<Description> Connection::describe(std::string sql, Deadline deadline) {
  return guarded(describe_here(std::move(sql), deadline), "Describe", false);
}

void Connection::enter_pipeline() {
  require(PQenterPipelineMode(connection_.get()));
}

void Connection::leave_pipeline() {
  require(PQexitPipelineMode(connection_.get()));
}

// The last result of one command that was sent, all of them read, and the server's first error.
asio::awaitable<Connection::Answer> Connection::simple_answer(std::string_view name,
                                                              Deadline deadline) {
  Answer answer;
  bool cancelled = false;
  for (;;) {
    if (!co_await wait_result(deadline)) {
      if (cancelled) throw Error(why_stopped(), "the server did not answer a cancel");
      cancelled = true;
      deadline = Deadline::after(cancel_patience_);
      co_await cancel_running(deadline);
      continue;
    }
    PgResultPtr result = take_result();
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (!succeeded(result.get()) && !answer.error) {
      answer.error.emplace(server_error(result.get()), name);
    }
    answer.result = std::move(result);
    if (is_copying(status)) break;  // what follows is data
  }
  if (cancelled && answer.error && answer.error->sqlstate() == "57014") {
    answer.error = stopped_error(name);
  }
  co_return answer;
}

asio::awaitable<void> Connection::script_here(std::string sql, std::string name,
                                              Deadline deadline) {
  InFlight flight(*this);
  sql = with_settings(std::move(sql));
  leave_pipeline();
  require(PQsendQuery(connection_.get(), sql.c_str()));
  const Answer answer = co_await simple_answer(name, deadline);
  if (is_copying(PQresultStatus(answer.result.get()))) refuse_copy();
  enter_pipeline();
  flight.landed();
  if (answer.error) throw Error(*answer.error);
}

// One group: behind PgBouncer, two of them may reach two servers.
asio::awaitable<Description> Connection::describe_here(std::string sql, Deadline deadline) {
  InFlight flight(*this);
  const bool settings = !settings_.empty() && !in_transaction();
  if (settings) {
    require(PQsendQueryParams(connection_.get(), settings_.c_str(), 0, nullptr, nullptr, nullptr,
                              nullptr, 1));
  }
  require(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr));
  require(PQsendDescribePrepared(connection_.get(), ""));
  require(PQsendPipelineSync(connection_.get()));
  std::optional<Error> failure;
  Answer answer;
  for (int commands = settings ? 3 : 2; commands > 0; --commands) {
    answer = co_await simple_answer("Describe", deadline);
    if (answer.error && !failure) failure = std::move(answer.error);  // what follows did not run
  }
  if (!co_await wait_result(Deadline::after(cancel_patience_))) {
    throw Error(ErrorKind::timeout, "no answer by the deadline");
  }
  if (PQresultStatus(take_result().get()) != PGRES_PIPELINE_SYNC) {
    throw Error(ErrorKind::protocol, "the server's answers are out of step");
  }
  flight.landed();
  if (failure) throw Error(*failure);
  co_return description(answer.result.get());
}

asio::awaitable<std::string> Connection::generic_plan(std::string sql, Deadline deadline) {
  return guarded(generic_plan_here(std::move(sql), deadline), "Explain", false);
}

// The simple protocol: in the other one, $1 would be a parameter of EXPLAIN itself.
asio::awaitable<std::string> Connection::generic_plan_here(std::string sql, Deadline deadline) {
  InFlight flight(*this);
  leave_pipeline();
  require(PQsendQuery(connection_.get(), ("explain (generic_plan) " + sql).c_str()));
  const Answer answer = co_await simple_answer("Explain", deadline);
  enter_pipeline();
  flight.landed();
  if (answer.error) throw Error(*answer.error);
  std::string plan;
  for (int row = 0; row < PQntuples(answer.result.get()); ++row) {
    plan += PQgetvalue(answer.result.get(), row, 0);
    plan += '\n';
  }
  co_return plan;
}

}  // namespace loci::pg
