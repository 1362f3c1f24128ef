#include "engine.hpp"

#include <loci/base/error.hpp>
#include <loci/schema/migrator.hpp>

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
  schema::Migrator migrator(storage_->pool(), schema::built_in_migrations());
  using State = schema::MigrationStatus::State;
  std::size_t pending = 0;
  for (const auto& row : runtime_.wait(migrator.status(migration_deadline()))) {
    if (schema::is_due(row.state)) ++pending;
    if (row.state == State::changed || row.state == State::missing) {
      throw Error(ErrorKind::configuration, "migration " + std::to_string(row.version) + "_" +
                                                row.name +
                                                " is not the one this database was made with");
    }
    if (row.state == State::foreign) {
      throw Error(ErrorKind::configuration,
                  "the database was made by a newer loci (it has migration " +
                      std::to_string(row.version) + "_" + row.name + "): use that version");
    }
  }
  if (pending == 0) return;
  if (!server_) {
    throw Error(ErrorKind::configuration,
                std::to_string(pending) + " migrations are pending: run `loci migrate up` first");
  }
  (void)runtime_.wait(migrator.up(migration_deadline()));
}

embed::Embedder& Engine::embedder() {
  if (!embedder_) embedder_ = embed::make_embedder(settings_.embedder);
  return *embedder_;
}

}  // namespace loci::app
