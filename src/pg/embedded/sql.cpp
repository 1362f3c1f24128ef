#include "pg/embedded/sql.hpp"

#include <loci/base/error.hpp>

#include "pg/libpq.hpp"

namespace loci::pg::embedded {

std::string run_statement(const std::string& dsn, const std::string& sql) {
  const PgConnPtr connection(::PQconnectdb(dsn.c_str()));
  if (::PQstatus(connection.get()) != CONNECTION_OK) {
    throw Error(ErrorKind::connect, connection_message(connection.get()));
  }
  const PgResultPtr result(::PQexec(connection.get(), sql.c_str()));
  if (::PQstatus(connection.get()) != CONNECTION_OK) {
    throw Error(ErrorKind::connection_lost, connection_message(connection.get()));
  }
  if (!succeeded(result.get())) throw Error(server_error(result.get()), "setting up");
  if (::PQntuples(result.get()) == 0 || ::PQnfields(result.get()) == 0) return {};
  return ::PQgetvalue(result.get(), 0, 0);
}

}  // namespace loci::pg::embedded
