#pragma once
#include <loci/pg/query.hpp>

#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <loci/base/error.hpp>

/// libpq's objects with owners, for src/pg alone.
namespace loci::pg {

struct PgConnDeleter {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct PgResultDeleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgConnPtr = std::unique_ptr<PGconn, PgConnDeleter>;
using PgResultPtr = std::unique_ptr<PGresult, PgResultDeleter>;

struct Result::State {
  std::string_view query;
  PgResultPtr result;
  std::optional<Error> error;
};

[[nodiscard]] Result make_result(std::string_view query, PgResultPtr result);
[[nodiscard]] Result make_failed_result(std::string_view query, Error error);

/// The parts of an error result.
[[nodiscard]] ServerError server_error(const PGresult* result);

/// True for results that mean success.
[[nodiscard]] bool succeeded(const PGresult* result) noexcept;

/// The server now sends COPY data, or waits for it.
[[nodiscard]] bool is_copying(ExecStatusType status) noexcept;

/// Errors: always Error{invalid_argument}, saying where COPY is to go.
[[noreturn]] void refuse_copy();

/// The server no longer has the prepared statement (26000), or its result changed its shape
/// (0A000): fact F10.
[[nodiscard]] bool is_stale(const Result& result) noexcept;

/// Throws for an error after which nothing can be trusted to follow: connection_lost for the
/// server's last word (FATAL, PANIC), protocol for one of libpq's own, which could not make sense
/// of what came.
void refuse_fatal(const PGresult* result);

/// Why no connection was made, with the server's SQLSTATE where it sent one.
[[nodiscard]] Error connect_failure(const PGconn* connection);

/// libpq's message for the connection, on one line.
[[nodiscard]] std::string connection_message(const PGconn* connection);

}  // namespace loci::pg
