#include "engine.hpp"

#include <atomic>
#include <chrono>
#include <csignal>

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

Engine::Engine(const GlobalOptions& options, Schema schema, config::Settings defaults)
    : settings_(settings_for(options, std::move(defaults))) {
  storage::PostgresOptions postgres = settings_.postgres;
  postgres.pool.conninfo = settings_.database_url;
  if (settings_.database_url.empty()) {
    server_.emplace(pg::EmbeddedServer::open(settings_.embedded));
    postgres.pool.conninfo = server_->dsn();
    postgres.health.data_dir = server_->data_dir();
  }
  // Nobody else looks after the private server.
  postgres.auto_migrate = settings_.auto_migrate.value_or(server_.has_value());
  storage_ = std::make_unique<storage::PostgresStorage>(runtime_.executor(), std::move(postgres));
  if (schema == Schema::current) runtime_.wait(storage_->connect(migration_deadline()));
}

embed::Embedder& Engine::embedder() {
  if (!embedder_) embedder_ = embed::make_embedder(settings_.embedder);
  return *embedder_;
}

}  // namespace loci::app
