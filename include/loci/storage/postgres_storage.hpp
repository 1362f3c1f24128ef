#pragma once
#include <loci/storage/storage.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <memory>
#include <string>

namespace loci::storage {

struct PostgresOptions {
  pg::PoolOptions pool;
  Uuid tenant_id = default_tenant();
  schema::MigratorOptions migrator = {};
  /// Signs cursors. Empty: one made for the database, kept in it, so that every process on it takes
  /// the cursors of the others.
  std::string cursor_key = {};
  /// A folder whose migrations take the place of the built-in ones; empty: those.
  std::filesystem::path migrations = {};
  /// connect() applies what is pending, instead of refusing a database that is behind.
  bool auto_migrate = false;
  MetricsOptions metrics = {};
  HealthOptions health = {};

  /// The one tenant of those who have only one.
  [[nodiscard]] static Uuid default_tenant() noexcept;
};

/// The storage that keeps its records in PostgreSQL.
class PostgresStorage final : public Storage {
public:
  /// Connects nothing. Errors: configuration, of options that contradict themselves; with a folder
  /// of migrations, those of schema::load_migrations().
  PostgresStorage(boost::asio::any_io_executor executor, PostgresOptions options);
  ~PostgresStorage() override;

  ConversationRepository& conversations() override;
  MessageRepository& messages() override;
  EmbeddingRepository& embeddings() override;
  MemoryRepository& memories() override;
  ToolRepository& tools() override;
  ToolExecutionRepository& tool_executions() override;
  Task<void> connect(Deadline deadline = default_deadline()) override;
  Task<void> ping(Deadline deadline = default_deadline()) override;
  void close() override;
  Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options = {},
                                           Deadline deadline = default_deadline()) override;
  Task<std::vector<schema::MigrationStep>> migrate(Deadline deadline = default_deadline()) override;
  Task<std::vector<schema::MigrationStep>> migrate_down(
      int count, Deadline deadline = default_deadline()) override;
  Task<Health> health(Deadline deadline = default_deadline()) override;
  [[nodiscard]] Metrics metrics() const override;
  [[nodiscard]] std::unique_ptr<Storage> for_tenant(Uuid tenant_id) override;
  [[nodiscard]] std::unique_ptr<Storage> for_user(std::string user_id) override;
  Task<ErasureReport> erase_user(std::string user_id,
                                 Deadline deadline = default_deadline()) override;

  /// For the floors above, which run generated queries of their own.
  [[nodiscard]] pg::Pool& pool() noexcept;
  [[nodiscard]] Uuid tenant_id() const noexcept;
  [[nodiscard]] const HealthOptions& health_options() const noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci::storage
