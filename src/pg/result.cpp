#include <cstdlib>
#include <utility>

#include "pg/libpq.hpp"

namespace loci::pg {

Result::Result(std::unique_ptr<State> state) : state_(std::move(state)) {}
Result::Result(Result&&) noexcept = default;
Result& Result::operator=(Result&&) noexcept = default;
Result::~Result() = default;

void Result::check() const {
  if (state_->error) throw Error(*state_->error);
}

bool Result::failed() const noexcept {
  return state_->error.has_value();
}

const Error* Result::error() const noexcept {
  return state_->error ? &*state_->error : nullptr;
}

std::size_t Result::rows() const noexcept {
  return static_cast<std::size_t>(PQntuples(state_->result.get()));
}

std::size_t Result::columns() const noexcept {
  return static_cast<std::size_t>(PQnfields(state_->result.get()));
}

std::uint64_t Result::affected() const noexcept {
  return std::strtoull(PQcmdTuples(state_->result.get()), nullptr, 10);
}

std::string_view Result::tag() const noexcept {
  return PQcmdStatus(state_->result.get());
}

std::size_t Result::memory_size() const noexcept {
  return PQresultMemorySize(state_->result.get());
}

std::string_view Result::query() const noexcept {
  return state_->query;
}

std::optional<std::string_view> RowView::field(std::size_t column) const {
  const PGresult* result = result_->state_->result.get();
  const int row = static_cast<int>(row_);
  const int index = static_cast<int>(column);
  if (row_ >= result_->rows() || column >= result_->columns()) {
    throw Error(ErrorKind::protocol,
                std::string(result_->query()) + ": the server sent no column " +
                    std::to_string(column + 1) + " of row " + std::to_string(row_ + 1));
  }
  if (PQgetisnull(result, row, index) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result, row, index),
                          static_cast<std::size_t>(PQgetlength(result, row, index)));
}

void RowView::unexpected_null(std::size_t column) const {
  const char* name = PQfname(result_->state_->result.get(), static_cast<int>(column));
  throw Error(ErrorKind::protocol,
              std::string(result_->query()) + ": column " + std::to_string(column + 1) + " (" +
                  (name == nullptr ? "?" : name) + ") is NULL but was declared not to be");
}

Result make_result(std::string_view query, PgResultPtr result) {
  auto state = std::make_unique<Result::State>();
  state->query = query;
  if (!succeeded(result.get())) state->error.emplace(server_error(result.get()), query);
  state->result = std::move(result);
  return Result(std::move(state));
}

Result make_failed_result(std::string_view query, Error error) {
  auto state = std::make_unique<Result::State>();
  state->query = query;
  state->error = std::move(error);
  return Result(std::move(state));
}

namespace {

// For data that does not fit (class 22), the server quotes the value in its message, where no one
// expects data: `invalid input syntax for type integer: "secret"`. The whole goes into the detail.
void hide_values(ServerError& error) {
  if (!error.sqlstate.starts_with("22")) return;
  const std::size_t open = error.message.find('"');
  const std::size_t close = error.message.rfind('"');
  if (open == close) return;
  error.detail = error.detail.empty() ? error.message : error.message + "; " + error.detail;
  error.message.replace(open, close - open + 1, "\"...\"");
}

}  // namespace

ServerError server_error(const PGresult* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  ServerError error{
      .severity = field(PG_DIAG_SEVERITY_NONLOCALIZED),
      .sqlstate = field(PG_DIAG_SQLSTATE),
      .message = field(PG_DIAG_MESSAGE_PRIMARY),
      .detail = field(PG_DIAG_MESSAGE_DETAIL),
      .hint = field(PG_DIAG_MESSAGE_HINT),
      .schema = field(PG_DIAG_SCHEMA_NAME),
      .table = field(PG_DIAG_TABLE_NAME),
      .column = field(PG_DIAG_COLUMN_NAME),
      .constraint = field(PG_DIAG_CONSTRAINT_NAME),
      .position = std::atoi(field(PG_DIAG_STATEMENT_POSITION).c_str()),
  };
  if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
    error.severity = "ERROR";
    error.sqlstate = "25P02";
    error.message = "not run: a statement before it in the same group failed";
  } else if (error.message.empty()) {
    error.message = "an answer that cannot be read";  // libpq's own verdict: it names no field
  }
  hide_values(error);
  return error;
}

bool is_stale(const Result& result) noexcept {
  const std::string_view state = result.error() == nullptr ? "" : result.error()->sqlstate();
  return state == "26000" || state == "0A000";
}

void refuse_fatal(const PGresult* result) {
  if (result == nullptr || PQresultStatus(result) != PGRES_FATAL_ERROR) return;
  ServerError error = server_error(result);
  // Every error of a server has a severity.
  if (error.severity.empty()) throw Error(ErrorKind::protocol, error.message);
  if (error.severity == "FATAL" || error.severity == "PANIC") {
    throw Error(ErrorKind::connection_lost, std::move(error));
  }
}

// libpq keeps no result of a refusal, only text; told to be verbose, it puts the SQLSTATE into it:
// `... failed: FATAL:  53300: too many connections LOCATION:  InitPostgres, postinit.c:123`.
Error connect_failure(const PGconn* connection) {
  constexpr std::string_view mark = "FATAL: ";
  constexpr std::size_t state_length = 5;
  std::string text = connection_message(connection);
  text = text.substr(0, text.find(" LOCATION: "));
  const std::size_t fatal = text.find(mark);
  const std::size_t state = fatal == std::string::npos ? fatal : fatal + mark.size();
  if (state == std::string::npos || text.size() < state + state_length + 2 ||
      text[state + state_length] != ':') {
    return Error(ErrorKind::connect, text);
  }
  ServerError server;
  server.severity = "FATAL";
  server.sqlstate = text.substr(state, state_length);
  server.message = text.erase(state, state_length + 2);
  return {ErrorKind::connect, std::move(server)};
}

bool succeeded(const PGresult* result) noexcept {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_TUPLES_CHUNK:
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_PIPELINE_SYNC:
      return true;
    default:
      return false;
  }
}

bool is_copying(ExecStatusType status) noexcept {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

void refuse_copy() {
  throw Error(ErrorKind::invalid_argument, "COPY goes through copy_in() or copy_out()");
}

std::string connection_message(const PGconn* connection) {
  std::string text;
  bool gap = false;
  for (const char c : std::string_view(PQerrorMessage(connection))) {
    if (c == '\n' || c == '\t' || c == ' ') {
      gap = !text.empty();
      continue;
    }
    if (std::exchange(gap, false)) text += ' ';
    text += c;
  }
  return text.empty() ? "the server closed the connection" : text;
}

}  // namespace loci::pg
