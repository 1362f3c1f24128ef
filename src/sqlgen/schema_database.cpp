#include "sqlgen/schema_database.hpp"

#include "sqlgen/catalog_queries.hpp"
#include "sqlgen/interrupt.hpp"
#include "sqlgen/nullability/nullability.hpp"
#include "sqlgen/schema_script.hpp"
#include "sqlgen/server_tree.hpp"
#include "sqlgen/statement_deadline.hpp"

#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <utility>

namespace loci::sqlgen {
namespace {

namespace asio = boost::asio;

/// A schema may fill tables and build indexes; Ctrl-C ends it earlier.
constexpr std::chrono::hours schema_patience{1};

TypeFacts::Kind kind_of(std::string_view kind) {
  if (kind == "array") return TypeFacts::Kind::array;
  if (kind == "domain") return TypeFacts::Kind::domain;
  if (kind == "enum") return TypeFacts::Kind::enumeration;
  return kind == "base" ? TypeFacts::Kind::base : TypeFacts::Kind::other;
}

asio::awaitable<std::optional<pg::Lease>> lease_of(pg::Pool& pool) {
  co_return co_await pool.acquire(statement_deadline());
}

asio::awaitable<pg::Description> describe_on(pg::Pool& pool, std::string sql) {
  pg::Lease lease = co_await pool.acquire(statement_deadline());
  co_return co_await lease.describe(std::move(sql), statement_deadline());
}

asio::awaitable<std::string> tree_on(pg::Pool& pool, std::string function) {
  pg::Lease lease = co_await pool.acquire(statement_deadline());
  for (bool again = false;; again = true) {
    try {
      auto row = co_await lease.run(ReadStatementTree{.function = function}, statement_deadline());
      co_return row ? std::move(row->tree) : "";
    } catch (const Error& error) {
      const bool new_session = error.sqlstate() == "42883" || error.sqlstate() == "3F000";
      if (again || !new_session) throw;
    }
    co_await lease.script(make_statement_trees, "MakeStatementTrees", statement_deadline());
  }
}

}  // namespace

struct SchemaDatabase::State {
  /// Empty: a server of our own.
  explicit State(std::string database)
      : server(database.empty() ? start_server() : std::nullopt),
        conninfo(server ? server->admin_dsn("loci") : std::move(database)) {}

  static std::optional<pg::EmbeddedServer> start_server() {
    auto started = pg::EmbeddedServer::open({.data_dir = {}, .bin_dir = {}, .throwaway = true});
    check_interrupt();
    return started;
  }

  std::optional<pg::EmbeddedServer> server;
  std::string conninfo;
  Runtime runtime{1};
  pg::Pool pool{runtime.executor(),
                {.conninfo = conninfo, .max_connections = 1, .statement_timeout = {}}};

  bool complete = false;
  std::vector<ListTypes::Row> known_types;  // of the whole schema; empty until somebody asks

  template <class Q>
  auto ask(Q query) {
    return runtime.wait(pool.run(std::move(query), statement_deadline()));
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

  /// Blocks until the work is over. When the user has had enough, a server of our own is stopped
  /// first, which ends whatever runs there.
  template <class T>
  T wait(asio::awaitable<T> work) {
    check_interrupt();
    auto future = asio::co_spawn(runtime.executor(), std::move(work), asio::use_future);
    while (future.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
      if (!interrupted() || !server) continue;
      server.reset();
      future.wait();
    }
    check_interrupt();
    return future.get();
  }
};

SchemaDatabase::SchemaDatabase(std::span<const SourceFile> schema, Diagnostics& diagnostics,
                               std::string conninfo)
    : state_(std::make_unique<State>(std::move(conninfo))) {
  if (!diagnostics.empty()) return;
  // One session for all: SQL of the schema may set something for what follows.
  std::optional<pg::Lease> lease = state_->wait(lease_of(state_->pool));
  const auto run = [&](const std::string& sql) {
    state_->wait(lease->script(sql, "the schema", Deadline::after(schema_patience)));
  };
  state_->complete = apply_schema(schema, run, diagnostics);
}

SchemaDatabase::~SchemaDatabase() = default;

bool SchemaDatabase::complete() const noexcept {
  return state_->complete;
}

const std::string& SchemaDatabase::conninfo() const noexcept {
  return state_->conninfo;
}

Catalog SchemaDatabase::catalog() {
  Catalog catalog;
  for (const auto& row : state_->types()) {
    catalog.types[row.oid] = {.name = row.name,
                              .kind = kind_of(row.kind),
                              .inner = row.inner,
                              .extension = row.extension,
                              .not_null = row.not_null,
                              .sql_name = row.sql_name};
  }
  for (auto& row : state_->ask(ListEnumLabels{})) {
    catalog.types.at(row.type).labels.push_back(std::move(row.label));
  }
  for (auto& row : state_->ask(ListCompositeFields{})) {
    TypeFacts& composite = catalog.types.at(row.composite);
    composite.kind = TypeFacts::Kind::composite;
    composite.fields.push_back({.name = std::move(row.name), .type = row.type});
  }
  for (auto& row : state_->ask(ListArgumentNames{})) {
    catalog.argument_names.emplace(std::move(row.function), std::move(row.names));
  }
  for (auto& row : state_->ask(ListTableColumns{})) {
    TableFacts& table = catalog.tables[row.table];
    table.schema = std::move(row.schema);
    table.name = std::move(row.table_name);
    table.view = row.view;
    table.has_rules = row.has_rules;
    table.columns.push_back({.number = row.number,
                             .name = std::move(row.name),
                             .not_null = row.believed && row.not_null,
                             .own_not_null = row.own_believed && row.not_null,
                             .refuses_null = row.not_null || catalog.forbids_null(row.type)});
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
  pg::Description given = state_->wait(describe_on(state_->pool, sql));
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
