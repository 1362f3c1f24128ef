#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresTools final : public PostgresRepository<Tool, ToolRepository> {
public:
  explicit PostgresTools(Unit unit);
  Task<bool> erase(Uuid id, Deadline deadline) override;
  Task<std::optional<Tool>> find(std::string name, std::optional<std::int32_t> tool_version,
                                 Deadline deadline) override;
  Task<Tool> register_tool(NewTool tool, Deadline deadline) override;

protected:
  Task<std::vector<Tool>> fetch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::optional<Tool>> change(const Uuid& id, const ToolPatch& patch,
                                   Deadline deadline) override;
};

}  // namespace loci::storage
