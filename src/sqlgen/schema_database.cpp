#include "sqlgen/schema_database.hpp"

#include "sqlgen/catalog_queries.hpp"
#include "sqlgen/interrupt.hpp"
#include "sqlgen/schema_script.hpp"

#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

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

Deadline soon() {
  return Deadline::after(std::chrono::seconds(60));
}

TypeFacts::Kind kind_of(std::string_view kind) {
  if (kind == "array") return TypeFacts::Kind::array;
  if (kind == "domain") return TypeFacts::Kind::domain;
  if (kind == "enum") return TypeFacts::Kind::enumeration;
  return kind == "base" ? TypeFacts::Kind::base : TypeFacts::Kind::other;
}

asio::awaitable<std::optional<pg::Lease>> lease_of(pg::Pool& pool) {
  co_return co_await pool.acquire(soon());
}

asio::awaitable<pg::Description> describe_on(pg::Pool& pool, std::string sql) {
  pg::Lease lease = co_await pool.acquire(soon());
  co_return co_await lease.describe(std::move(sql), soon());
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
  for (auto& row : state_->runtime.wait(state_->pool.run(ListTypes{}, soon()))) {
    catalog.types[row.oid] = {std::move(row.name), kind_of(row.kind), row.inner,
                              std::move(row.extension)};
  }
  for (auto& row : state_->runtime.wait(state_->pool.run(ListEnumLabels{}, soon()))) {
    catalog.types.at(row.type).labels.push_back(std::move(row.label));
  }
  for (auto& row : state_->runtime.wait(state_->pool.run(ListArgumentNames{}, soon()))) {
    catalog.argument_names.emplace(std::move(row.function), std::move(row.names));
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
  pg::Description given = state_->wait(describe_on(state_->pool, sql));
  StatementFacts facts;
  facts.parameters = std::move(given.parameters);
  for (auto& column : given.columns) {
    facts.columns.push_back(
        {std::move(column.name), column.type_oid, column.table_oid, column.table_column});
  }
  return facts;
}

}  // namespace loci::sqlgen
