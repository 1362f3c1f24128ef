#include "sqlgen/commands.hpp"

#include <loci/base/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <string_view>

namespace loci::sqlgen {
namespace {

constexpr std::string_view sample =
    R"yaml(# What loci-sqlgen makes of which SQL. The shape is that of sqlc's version 2; paths are relative to
# this file. `loci-sqlgen generate` writes the headers, `loci-sqlgen --help` says the rest.
version: "2"
sql:
  - engine: postgresql
    # Where the tables come from: files or folders of plain SQL, or of the migrations of goose,
    # golang-migrate, tern, dbmate, sql-migrate, atlas or Loci. Or, in place of it, a live database:
    #   database:
    #     uri: postgresql://app:${PGPASSWORD}@localhost/app
    schema: db/migrations
    # Files or folders of queries, each under a line such as `-- name: FindUser :one`.
    queries: db/queries
    gen:
      cpp:
        out: src/queries          # folder of the headers, one for each file of queries
        namespace: app::queries
        # emit_json: true               # write_json(out, row) for every row
        # emit_interface: true          # querier.hpp: the queries as an abstract class, for mocks
        # emit_all_enum_values: true    # all values of each enum, as an array
        # emit_exact_table_names: true  # table `authors` gives struct Authors, not Author
        # query_parameter_limit: 1      # up to so many parameters are arguments of that class
        # rename:
        #   fname: first_name
        # overrides:
        #   - column: users.id
        #     cpp_type: {type: "app::UserId", include: app/user_id.hpp, codec: "app::UserIdCodec"}
    # rules: [no-select-star]           # what `loci-sqlgen vet` checks; all rules when left out
)yaml";

}  // namespace

Outcome init(const std::filesystem::path& folder, std::ostream& out, std::ostream& err) {
  const std::string path = (folder / config_name).lexically_normal().string();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) {
    err << path << " is there already, and stays as it is\n";
    return Outcome::failed;
  }
  const ssize_t written = file < 0 ? -1 : ::write(file, sample.data(), sample.size());
  if (file >= 0) ::close(file);
  if (written != static_cast<ssize_t>(sample.size())) {
    throw Error(ErrorKind::io, "cannot write " + path);
  }
  out << "Wrote " << path << ". Set its paths, then run: loci-sqlgen generate\n";
  return Outcome::ok;
}

}  // namespace loci::sqlgen
