#include "sqlgen/live_schema.hpp"

#include "sqlgen/interrupt.hpp"
#include "sqlgen/program_output.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/connection_string.hpp>
#include <loci/pg/embedded_server.hpp>

namespace loci::sqlgen {

SourceFile read_live_schema(const std::string& uri) {
  const pg::ConnectionParts parts = pg::split_password(uri);
  ProgramCall call{.words = {(pg::EmbeddedServer::find_bin_dir() / "pg_dump").string(),
                             "--schema-only", "--no-owner", "--no-privileges", "--no-tablespaces",
                             "--no-publications", "--no-subscriptions", "--no-security-labels",
                             "--no-password", "--dbname=" + parts.conninfo},
                   .environment = {{"PGOPTIONS", "-c default_transaction_read_only=on"}},
                   .show_errors = true};
  if (!parts.password.empty()) call.environment["PGPASSWORD"] = parts.password;
  auto schema = output_of(std::move(call));
  check_interrupt();
  if (!schema) throw Error(ErrorKind::connect, "pg_dump could not read the schema of `uri`");
  return {"schema", "schema of the database", std::move(*schema)};
}

}  // namespace loci::sqlgen
