#pragma once
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "sources.hpp"

namespace loci::app {

/// True once Ctrl-C was pressed; a second one ends the process at once.
[[nodiscard]] bool interrupted();
void watch_interrupts();

/// Everything a command works with: the server (embedded or elsewhere), the loop, the storage.
class Engine {
public:
  enum class Schema {
    current,  ///< Migrated when behind, or refused, as storage.migrations.auto_migrate says.
    any,      ///< Left as it is; for `loci migrate` itself.
  };
  explicit Engine(const GlobalOptions& options, Schema schema = Schema::current,
                  config::Settings defaults = command_defaults());

  Runtime& runtime() { return runtime_; }
  storage::PostgresStorage& storage() { return *storage_; }
  [[nodiscard]] const config::Settings& settings() const { return settings_; }
  embed::Embedder& embedder();
  /// Null when the database is not the embedded one.
  [[nodiscard]] pg::EmbeddedServer* server() { return server_ ? &*server_ : nullptr; }

  /// Runs a coroutine of the library and waits for it.
  template <class T>
  T wait(boost::asio::awaitable<T> work) {
    return runtime_.wait(std::move(work));
  }

private:
  config::Settings settings_;
  std::optional<pg::EmbeddedServer> server_;  // outlives the connections to it
  std::unique_ptr<embed::Embedder> embedder_;
  Runtime runtime_;
  std::unique_ptr<storage::PostgresStorage> storage_;  // goes first: it closes on the loop
};

}  // namespace loci::app
