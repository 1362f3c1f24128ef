#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <optional>
#include <string>

#include "storage/repository_set.hpp"

namespace loci::storage {

/// A storage narrowed to a tenant, and perhaps to a user. Its tenant rides along with every
/// statement, so it shares the connections of the storage beneath, which outlives it.
class PostgresView final : public Storage {
public:
  /// `beneath` is the unit of `storage`.
  PostgresView(PostgresStorage& storage, const Unit& beneath, Uuid tenant_id,
               std::optional<std::string> user_id);

  ConversationRepository& conversations() override { return set_.conversations; }
  MessageRepository& messages() override { return set_.messages; }
  EmbeddingRepository& embeddings() override { return set_.embeddings; }
  MemoryRepository& memories() override { return set_.memories; }
  ToolRepository& tools() override { return set_.tools; }
  ToolExecutionRepository& tool_executions() override { return set_.tool_executions; }
  Task<void> connect(Deadline deadline) override { return storage_.connect(deadline); }
  Task<void> ping(Deadline deadline) override { return storage_.ping(deadline); }
  void close() override {}
  Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options,
                                           Deadline deadline) override;
  Task<std::vector<schema::MigrationStep>> migrate(Deadline deadline) override;
  Task<std::vector<schema::MigrationStep>> migrate_down(int count, Deadline deadline) override;
  Task<Health> health(Deadline deadline) override { return storage_.health(deadline); }
  [[nodiscard]] Metrics metrics() const override { return storage_.metrics(); }
  [[nodiscard]] std::unique_ptr<Storage> for_tenant(Uuid tenant_id) override;
  [[nodiscard]] std::unique_ptr<Storage> for_user(std::string user_id) override;
  Task<ErasureReport> erase_user(std::string user_id, Deadline deadline) override;

private:
  [[nodiscard]] Unit narrowed(const Unit& beneath, std::optional<std::string> user_id);

  PostgresStorage& storage_;
  Unit beneath_;
  Uuid tenant_id_;
  std::optional<pg::ScopedSession> scoped_;
  RepositorySet set_;
};

}  // namespace loci::storage
