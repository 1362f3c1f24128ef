#include "sqlgen/soundness/text_session.hpp"

#include "sqlgen/statement_deadline.hpp"

namespace loci::sqlgen {
namespace {

using boost::asio::awaitable;

constexpr int chunk_rows = 256;

pg::Request request(const std::string& sql) {
  return {{.name = "soundness", .sql = sql}, {}};
}

bool refused(const Error& error) {
  return error.kind() == ErrorKind::server && !error.connection_lost();
}

void note_nulls(const pg::Result& result, std::vector<bool>& null_seen) {
  if (null_seen.size() < result.columns()) null_seen.resize(result.columns());
  for (std::size_t row = 0; row < result.rows(); ++row) {
    for (std::size_t column = 0; column < result.columns(); ++column) {
      if (!result.row(row).field(column)) null_seen[column] = true;
    }
  }
}

awaitable<std::size_t> stream_rows(pg::Lease& lease, const std::string& sql, std::size_t max_rows,
                                   std::vector<bool>& null_seen) {
  pg::ResultStream stream =
      co_await lease.stream_results(request(sql), statement_deadline(), chunk_rows);
  std::size_t rows = 0;
  while (const auto chunk = co_await stream.next()) {
    note_nulls(*chunk, null_seen);
    rows += chunk->rows();
    if (rows >= max_rows) {
      co_await stream.stop();
      break;
    }
  }
  co_return rows;
}

}  // namespace

TextSession::TextSession(const std::string& conninfo, std::chrono::milliseconds statement_timeout)
    // Nobody waits for a query that is cut short, and on a busy machine its end may take a while.
    : pool_(
          runtime_.executor(),
          {.conninfo = conninfo, .max_connections = 1, .cancel_patience = std::chrono::seconds(5)}),
      lease_(runtime_.wait(pool_.acquire(statement_deadline()))) {
  run("begin; set local statement_timeout = " + std::to_string(statement_timeout.count()));
}

std::vector<TextRow> TextSession::rows(const std::string& sql) {
  const pg::Result result = runtime_.wait(lease_.execute_one(request(sql), statement_deadline()));
  result.check();
  std::vector<TextRow> rows(result.rows());
  for (std::size_t row = 0; row < result.rows(); ++row) {
    for (std::size_t column = 0; column < result.columns(); ++column) {
      const auto field = result.row(row).field(column);
      rows[row].push_back(field ? TextField(*field) : std::nullopt);
    }
  }
  return rows;
}

std::expected<std::vector<TextRow>, Error> TextSession::attempt_rows(const std::string& sql) {
  run("savepoint attempt");
  try {
    auto found = rows(sql);
    run("release attempt");
    return found;
  } catch (const Error& error) {
    if (!refused(error)) throw;
    run("rollback to attempt; release attempt");
    return std::unexpected(error);
  }
}

std::optional<Error> TextSession::attempt(const std::string& sql) {
  try {
    run("savepoint attempt; " + sql + "; release attempt");
    return std::nullopt;
  } catch (const Error& error) {
    if (!refused(error)) throw;
    run("rollback to attempt; release attempt");
    return error;
  }
}

std::size_t TextSession::probe(const std::string& sql, std::size_t max_rows,
                               std::vector<bool>& null_seen) {
  run("savepoint probe");
  try {
    const std::size_t rows = runtime_.wait(stream_rows(lease_, sql, max_rows, null_seen));
    run("rollback to probe; release probe");
    return rows;
  } catch (const Error& error) {
    if (!refused(error)) throw;
    run("rollback to probe; release probe");
    throw;
  }
}

void TextSession::mark() {
  run("savepoint mark");
}

void TextSession::undo() {
  run("rollback to mark; release mark");
}

void TextSession::run(const std::string& sql) {
  runtime_.wait(lease_.script(sql, "soundness", statement_deadline()));
}

}  // namespace loci::sqlgen
