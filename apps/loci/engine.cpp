#include "engine.hpp"

#include <loci/base/error.hpp>
#include <loci/schema/migrator.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>

namespace loci::app {

namespace {

std::atomic<bool> g_interrupted{false};  // the one thing a signal handler may write

void on_interrupt(int signal) {
  if (g_interrupted.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

Deadline migration_deadline() {
  return Deadline::after(std::chrono::minutes(10));
}

}  // namespace

bool interrupted() {
  return g_interrupted.load();
}

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
}

config::Settings settings_for(const GlobalOptions& options) {
  // An import's statements may take long, and whoever looks on ends them with Ctrl-C: the library's
  // limit is for programs that nobody looks at.
  config::Settings defaults;
  defaults.pool.statement_timeout = {};
  config::Settings settings = config::load_settings(config::process_environment, defaults);
  if (!options.database_url.empty()) settings.database_url = options.database_url;
  if (!options.data_dir.empty()) {
    settings.embedded.data_dir = options.data_dir;
    if (options.database_url.empty()) settings.database_url.clear();
  }
  return settings;
}

Engine::Engine(const GlobalOptions& options, Schema schema) : settings_(settings_for(options)) {
  storage::PostgresOptions postgres;
  postgres.pool = settings_.pool;
  postgres.pool.conninfo = settings_.database_url;
  if (settings_.database_url.empty()) {
    server_.emplace(pg::EmbeddedServer::open(settings_.embedded));
    postgres.pool.conninfo = server_->dsn();
  }
  storage_ = std::make_unique<storage::PostgresStorage>(runtime_.executor(), std::move(postgres));
  if (schema == Schema::current) require_schema();
}

void Engine::require_schema() {
  if (server_) {
    schema::Migrator migrator(storage_->pool(), schema::built_in_migrations());
    const auto migrations = runtime_.wait(migrator.status(migration_deadline()));
    const bool behind =
        std::ranges::any_of(migrations, schema::is_due, &schema::MigrationStatus::state);
    if (behind) (void)runtime_.wait(storage_->migrate(migration_deadline()));
  }
  runtime_.wait(storage_->connect(migration_deadline()));
}

embed::Embedder& Engine::embedder() {
  if (!embedder_) embedder_ = embed::make_embedder(settings_.embedder);
  return *embedder_;
}

}  // namespace loci::app
