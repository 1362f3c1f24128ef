#include <loci/storage/postgres_storage.hpp>

#include <loci/base/error.hpp>

#include <algorithm>

#include "queries/health.hpp"
#include "storage/cursor_key.hpp"
#include "storage/metrics_log.hpp"
#include "storage/postgres_health.hpp"
#include "storage/postgres_transaction.hpp"
#include "storage/postgres_view.hpp"
#include "storage/repository_set.hpp"

namespace loci::storage {

namespace {

pg::PoolOptions with_tenant(PostgresOptions options) {
  options.pool.settings["loci.tenant_id"] = options.tenant_id.str();
  return std::move(options.pool);
}

std::vector<schema::Migration> migrations_of(const PostgresOptions& options) {
  return options.migrations.empty() ? schema::built_in_migrations()
                                    : schema::load_migrations(options.migrations);
}

// Errors: configuration, when these are not the migrations of this program.
void require_current(const std::vector<schema::MigrationStatus>& migrations) {
  using State = schema::MigrationStatus::State;
  std::size_t pending = 0;
  for (const auto& each : migrations) {
    const std::string name = std::to_string(each.version) + "_" + each.name;
    if (schema::is_due(each.state)) ++pending;
    if (!schema::is_drift(each)) continue;
    if (each.state == State::foreign) {
      throw Error(ErrorKind::configuration,
                  "the database was made by a newer loci (it has migration " + name +
                      "): use that version");
    }
    throw Error(ErrorKind::configuration,
                "migration " + name + " is not the one this database was made with");
  }
  if (pending > 0) {
    throw Error(ErrorKind::configuration,
                std::to_string(pending) + " migrations are pending: run `loci migrate up` first");
  }
}

}  // namespace

struct PostgresStorage::State {
  State(boost::asio::any_io_executor executor, const PostgresOptions& options)
      : pool(executor, with_tenant(options)),
        migrations(migrations_of(options)),
        migrator(options.migrator),
        auto_migrate(options.auto_migrate),
        metrics(options.metrics),
        metrics_log(std::move(executor), pool,
                    metrics.enabled ? metrics.interval : std::chrono::milliseconds(0)),
        health(options.health),
        cursor_key(options.cursor_key),
        set(Unit{.session = &pool,
                 .pool = &pool,
                 .tenant_id = options.tenant_id,
                 .cursor_key = &cursor_key}) {}

  [[nodiscard]] schema::Migrator make_migrator() { return {pool, migrations, migrator}; }

  pg::Pool pool;
  const std::vector<schema::Migration> migrations;
  const schema::MigratorOptions migrator;
  const bool auto_migrate;
  const MetricsOptions metrics;
  MetricsLog metrics_log;
  const HealthOptions health;
  CursorKey cursor_key;
  RepositorySet set;
};

Uuid PostgresOptions::default_tenant() noexcept {
  return *Uuid::parse("00000000-0000-7000-8000-000000000001");
}

PostgresStorage::PostgresStorage(boost::asio::any_io_executor executor, PostgresOptions options)
    : state_(std::make_unique<State>(std::move(executor), options)) {}
PostgresStorage::~PostgresStorage() = default;

ConversationRepository& PostgresStorage::conversations() {
  return state_->set.conversations;
}
MessageRepository& PostgresStorage::messages() {
  return state_->set.messages;
}
EmbeddingRepository& PostgresStorage::embeddings() {
  return state_->set.embeddings;
}
MemoryRepository& PostgresStorage::memories() {
  return state_->set.memories;
}
ToolRepository& PostgresStorage::tools() {
  return state_->set.tools;
}
ToolExecutionRepository& PostgresStorage::tool_executions() {
  return state_->set.tool_executions;
}

Task<void> PostgresStorage::connect(Deadline deadline) {
  co_await ping(deadline);
  schema::Migrator migrator = state_->make_migrator();
  auto migrations = co_await migrator.status(deadline);
  const bool behind =
      std::ranges::any_of(migrations, schema::is_due, &schema::MigrationStatus::state);
  if (behind && state_->auto_migrate) {
    (void)co_await migrator.up(deadline);
    migrations = co_await migrator.status(deadline);
  }
  require_current(migrations);
  state_->metrics_log.start();
}

Task<void> PostgresStorage::ping(Deadline deadline) {
  (void)co_await state_->pool.run(queries::Ping{}, deadline);
}

void PostgresStorage::close() {
  state_->metrics_log.stop();
  state_->pool.close();
}

Task<std::unique_ptr<Transaction>> PostgresStorage::begin(pg::TransactionOptions options,
                                                          Deadline deadline) {
  return begin_transaction(state_->set.unit, options, deadline);
}

Task<std::vector<schema::MigrationStep>> PostgresStorage::migrate(Deadline deadline) {
  schema::Migrator migrator = state_->make_migrator();
  co_return co_await migrator.up(deadline);
}

Task<std::vector<schema::MigrationStep>> PostgresStorage::migrate_down(int count,
                                                                       Deadline deadline) {
  schema::Migrator migrator = state_->make_migrator();
  co_return co_await migrator.down(count, deadline);
}

Task<Health> PostgresStorage::health(Deadline deadline) {
  return look_at_health(state_->pool, state_->migrations, deadline, state_->health,
                        state_->migrator);
}

Metrics PostgresStorage::metrics() const {
  if (!state_->metrics.enabled) return {};
  Metrics now{.pool = state_->pool.statistics(), .statements = {}};
  if (state_->metrics.statements) now.statements = state_->pool.statement_statistics();
  return now;
}

std::unique_ptr<Storage> PostgresStorage::for_tenant(Uuid tenant_id) {
  return std::make_unique<PostgresView>(*this, state_->set.unit, tenant_id, std::nullopt);
}

std::unique_ptr<Storage> PostgresStorage::for_user(std::string user_id) {
  return std::make_unique<PostgresView>(*this, state_->set.unit, this->tenant_id(),
                                        std::move(user_id));
}

Task<ErasureReport> PostgresStorage::erase_user(std::string user_id, Deadline deadline) {
  return storage::erase_user(state_->set.unit, std::move(user_id), deadline);
}

pg::Pool& PostgresStorage::pool() noexcept {
  return state_->pool;
}
Uuid PostgresStorage::tenant_id() const noexcept {
  return state_->set.unit.tenant_id;
}
const HealthOptions& PostgresStorage::health_options() const noexcept {
  return state_->health;
}

}  // namespace loci::storage
