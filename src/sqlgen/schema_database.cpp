#include "sqlgen/schema_database.hpp"

#include "sqlgen/catalog_queries.hpp"
#include "sqlgen/compiler.hpp"
#include "sqlgen/parameters.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/schema/migrator.hpp>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <utility>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;
using schema::Migration;
using schema::MigrationStatus;

Deadline soon() {
  return Deadline::after(std::chrono::seconds(60));
}

std::vector<Migration> read_schema(const fs::path& path, Diagnostics& diagnostics) {
  if (fs::is_directory(path)) return schema::load_migrations(path);
  std::vector<Migration> one;
  for (SourceFile& source : read_sources(path, diagnostics)) {
    one.push_back({.version = 1, .name = path.stem().string(), .up = std::move(source.text)});
  }
  return one;
}

/// The file a migration came from.
fs::path file_of(const Migration& migration, const fs::path& schema) {
  if (!fs::is_directory(schema)) return schema;
  const std::string ending = "_" + migration.name + ".up.sql";
  for (const fs::directory_entry& entry : fs::directory_iterator(schema)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ending) && std::atoll(name.c_str()) == migration.version)
      return entry.path();
  }
  return schema;
}

TypeFacts::Kind kind_of(std::string_view kind) {
  if (kind == "array") return TypeFacts::Kind::array;
  if (kind == "domain") return TypeFacts::Kind::domain;
  return kind == "base" ? TypeFacts::Kind::base : TypeFacts::Kind::other;
}

boost::asio::awaitable<pg::Description> describe_on(pg::Pool& pool, std::string sql) {
  pg::Lease lease = co_await pool.acquire(soon());
  co_return co_await lease.describe(std::move(sql), soon());
}

}  // namespace

struct SchemaDatabase::State {
  pg::EmbeddedServer server =
      pg::EmbeddedServer::open({.data_dir = {}, .bin_dir = {}, .throwaway = true});
  Runtime runtime{1};
  pg::Pool pool{runtime.executor(), {.conninfo = server.dsn(), .max_connections = 1}};

  bool complete = false;

  bool apply(const fs::path& path, const std::vector<Migration>& migrations,
             Diagnostics& diagnostics) {
    schema::Migrator migrator(pool, migrations);
    try {
      (void)runtime.wait(migrator.up(soon()));
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
      report(error, path, migrations, migrator, diagnostics);
      return false;
    }
  }

  /// The step that failed is the first that is not applied.
  void report(const Error& error, const fs::path& path, const std::vector<Migration>& migrations,
              schema::Migrator& migrator, Diagnostics& diagnostics) {
    const auto steps = runtime.wait(migrator.status(soon()));
    const auto failed =
        std::ranges::find(steps, MigrationStatus::State::pending, &MigrationStatus::state);
    if (failed == steps.end()) throw Error(error);
    const auto migration = std::ranges::find(migrations, failed->version, &Migration::version);
    const SourceFile source{{}, file_of(*migration, path).string(), migration->up};
    const std::size_t place = RewrittenSql{migration->up, {}, {{0, 0, true}}}.source_of_character(
        error.server()->position);
    std::string message = error.server()->message;
    if (!error.server()->hint.empty()) message += "; hint: " + error.server()->hint;
    diagnostics.add(source, place, std::move(message), error.sqlstate());
  }
};

SchemaDatabase::SchemaDatabase(const fs::path& schema, Diagnostics& diagnostics) {
  const std::vector<Migration> migrations = read_schema(schema, diagnostics);
  if (migrations.empty() && diagnostics.empty()) {
    throw Error(ErrorKind::configuration, schema.string() + " holds no NNNN_name.up.sql");
  }
  state_ = std::make_unique<State>();
  state_->complete = !migrations.empty() && state_->apply(schema, migrations, diagnostics);
}

SchemaDatabase::~SchemaDatabase() = default;

bool SchemaDatabase::complete() const noexcept {
  return state_->complete;
}

Catalog SchemaDatabase::catalog() {
  Catalog catalog;
  for (auto& row : state_->runtime.wait(state_->pool.run(ListTypes{}, soon()))) {
    catalog.types[row.oid] = {std::move(row.name), kind_of(row.kind), row.inner,
                              std::move(row.extension)};
  }
  for (auto& row : state_->runtime.wait(state_->pool.run(ListTableColumns{}, soon()))) {
    TableFacts& table = catalog.tables[row.table];
    table.schema = std::move(row.schema);
    table.name = std::move(row.table_name);
    table.view = row.view;
    table.columns.push_back({row.number, std::move(row.name), row.not_null});
  }
  return catalog;
}

StatementFacts SchemaDatabase::describe(const std::string& sql) {
  pg::Description given = state_->runtime.wait(describe_on(state_->pool, sql));
  StatementFacts facts;
  facts.parameters = std::move(given.parameters);
  for (auto& column : given.columns) {
    facts.columns.push_back(
        {std::move(column.name), column.type_oid, column.table_oid, column.table_column});
  }
  return facts;
}

}  // namespace loci::sqlgen
