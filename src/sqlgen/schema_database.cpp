#include "sqlgen/schema_database.hpp"

#include "sqlgen/catalog_queries.hpp"
#include "sqlgen/compiler.hpp"
#include "sqlgen/nullability/nullability.hpp"
#include "sqlgen/parameters.hpp"
#include "sqlgen/server_tree.hpp"

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

/// The tree of a statement is that of a function made of it, of which nothing stays.
boost::asio::awaitable<std::string> tree_on(pg::Pool& pool, std::string function) {
  pg::Lease lease = co_await pool.acquire(soon());
  try {
    co_await lease.script("begin; set local check_function_bodies = off; " + std::move(function),
                          "MakeStatementTree", soon());
  } catch (const Error& error) {
    // A statement that can be prepared and is no function's: LISTEN, EXPLAIN, ... The lease rolls
    // back what it left open.
    if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
    co_return "";
  }
  auto row = co_await lease.run(ReadStatementTree{}, soon());
  co_await lease.script("rollback", "MakeStatementTree", soon());
  co_return row ? std::move(row->tree) : "";
}

}  // namespace

struct SchemaDatabase::State {
  pg::EmbeddedServer server =
      pg::EmbeddedServer::open({.data_dir = {}, .bin_dir = {}, .throwaway = true});
  Runtime runtime{1};
  pg::Pool pool{runtime.executor(), {.conninfo = server.dsn(), .max_connections = 1}};

  bool complete = false;
  std::vector<ListTypes::Row> known_types;  // of the whole schema; empty until somebody asks

  template <class Q>
  auto ask(Q query) {
    return runtime.wait(pool.run(std::move(query), soon()));
  }

  const std::vector<ListTypes::Row>& types() {
    if (known_types.empty()) known_types = ask(ListTypes{});
    return known_types;
  }

  /// Empty for a statement that a function cannot hold.
  std::string tree_of(const std::string& sql, const std::vector<std::uint32_t>& parameters) {
    constexpr std::size_t max_arguments = 100;  // of a function
    if (parameters.size() > max_arguments) return {};
    std::string arguments;
    for (const std::uint32_t parameter : parameters) {
      const auto type = std::ranges::find(types(), parameter, &ListTypes::Row::oid);
      if (type == types().end()) return {};
      arguments += (arguments.empty() ? "" : ", ") + type->sql_name;
    }
    return runtime.wait(tree_on(pool, "create function loci_sqlgen_statement(" + arguments +
                                          ") returns void language sql begin atomic\n" + sql +
                                          "\n; end"));
  }

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
  for (const auto& row : state_->types()) {
    catalog.types[row.oid] = {row.name, kind_of(row.kind), row.inner, row.extension, row.not_null};
  }
  for (auto& row : state_->ask(ListTableColumns{})) {
    TableFacts& table = catalog.tables[row.table];
    table.schema = std::move(row.schema);
    table.name = std::move(row.table_name);
    table.view = row.view;
    const bool not_null = row.not_null || catalog.forbids_null(row.type);
    table.columns.push_back(
        {row.number, std::move(row.name), row.believed && not_null, row.own_believed && not_null});
  }
  for (auto& row : state_->ask(ListFunctions{})) {
    catalog.functions.emplace(row.oid, std::move(row.facts));
  }
  for (auto& row : state_->ask(ListViews{})) {
    catalog.views.emplace(row.view, std::move(row.tree));
  }
  for (auto& row : state_->ask(ListGeneratedColumns{})) {
    const auto tree = ServerTree::read(std::move(row.tree));
    if (!tree || never_null_columns(*tree, catalog, {}) != std::vector<bool>{true}) continue;
    auto& columns = catalog.tables[row.table].columns;
    const auto column = std::ranges::find(columns, row.column, &TableColumn::number);
    if (column != columns.end()) column->not_null = column->own_not_null = true;
  }
  return catalog;
}

StatementFacts SchemaDatabase::describe(const std::string& sql) {
  pg::Description given = state_->runtime.wait(describe_on(state_->pool, sql));
  StatementFacts facts;
  for (auto& column : given.columns) {
    facts.columns.push_back(
        {std::move(column.name), column.type_oid, column.table_oid, column.table_column});
  }
  facts.tree = state_->tree_of(sql, given.parameters);
  facts.parameters = std::move(given.parameters);
  return facts;
}

}  // namespace loci::sqlgen
