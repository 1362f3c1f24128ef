#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresMemories final : public PostgresRepository<Memory, MemoryRepository> {
public:
  explicit PostgresMemories(Unit unit);
  Task<bool> erase(Uuid id, Deadline deadline) override;
  Task<Upserted> upsert(NewMemory memory, Deadline deadline) override;
  Task<std::optional<Memory>> supersede(Uuid old, NewMemory by, Deadline deadline) override;
  Task<std::vector<MemoryVersion>> versions(Uuid id, Deadline deadline) override;
  Task<std::vector<Uuid>> sources(Uuid id, Deadline deadline) override;
  Task<std::int64_t> touch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::int64_t> sweep(Timestamp at, std::int32_t limit, Deadline deadline) override;
  Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit,
                                   Deadline deadline) override;
  Task<std::vector<Memory>> most_important(Filter filter, std::int32_t limit,
                                           std::chrono::seconds half_life,
                                           Deadline deadline) override;

protected:
  Task<std::vector<Memory>> fetch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::optional<Memory>> change(const Uuid& id, const MemoryPatch& patch,
                                     Deadline deadline) override;
};

}  // namespace loci::storage
