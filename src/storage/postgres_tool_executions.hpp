#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresToolExecutions final
    : public PostgresRepository<ToolExecution, ToolExecutionRepository> {
public:
  explicit PostgresToolExecutions(Unit unit);
  Task<bool> erase(ExecutionKey key, Deadline deadline) override;
  Task<std::int64_t> close_pending(Uuid conversation_id, Deadline deadline) override;

protected:
  Task<std::vector<ToolExecution>> fetch(std::vector<ExecutionKey> keys,
                                         Deadline deadline) override;
  Task<std::optional<ToolExecution>> change(const ExecutionKey& key,
                                            const ToolExecutionPatch& patch,
                                            Deadline deadline) override;
  [[noreturn]] void refuse_change(const ToolExecution& there,
                                  const ToolExecutionPatch& patch) override;
};

}  // namespace loci::storage
