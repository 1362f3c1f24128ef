#include "storage/postgres_tools.hpp"

#include <loci/base/error.hpp>

#include "queries/taken.hpp"
#include "queries/tools.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& /*unit*/, NewTool& item) {
  check(item);
  if (!item.id) item.id = Uuid::v7();
}

std::size_t bytes(const NewTool& item) {
  return item.description.size() + item.schema.text.size() + item.metadata.text.size();
}

Task<std::vector<Tool>> insert(Unit unit, std::span<const NewTool> items, Deadline deadline) {
  queries::CreateTools query{.tenant_id = unit.tenant_id};
  queries::LockToolNames lock;
  for (const NewTool& item : items) {
    query.ids.push_back(item.id.value());
    query.names.push_back(item.name);
    query.tool_versions.push_back(item.tool_version);
    query.descriptions.push_back(item.description);
    query.schemas.push_back(item.schema);
    query.metadata.push_back(item.metadata);
    if (!item.tool_version) lock.names.push_back(item.name);
  }
  if (lock.names.empty()) {
    co_return to_records(co_await unit.session->run(std::move(query), deadline));
  }
  const auto work = [&](const Unit& inside) -> Task<std::vector<Tool>> {
    auto [locked, made] =
        co_await inside.session->pipeline(deadline, std::move(lock), std::move(query));
    (void)locked;
    co_return to_records(std::move(made));
  };
  co_return co_await in_transaction(unit, deadline, work);
}

constexpr Storing<Tool> k_storing_tools{.prepare = prepare,
                                        .bytes = bytes,
                                        .insert = insert,
                                        .taken = taken_ids<Tool, queries::TakenTools>,
                                        .constraint = "tools_pkey"};

}  // namespace

PostgresTools::PostgresTools(Unit unit) : PostgresRepository(std::move(unit), k_storing_tools) {}

Task<std::vector<Tool>> PostgresTools::fetch(std::vector<Uuid> ids, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::GetTools{.tenant_id = unit().tenant_id, .ids = std::move(ids)}, deadline));
}

Task<std::optional<Tool>> PostgresTools::change(const Uuid& id, const ToolPatch& patch,
                                                Deadline deadline) {
  co_return to_optional_record(co_await ask(queries::UpdateTool{.description = patch.description,
                                                                .status = patch.status,
                                                                .metadata = patch.metadata,
                                                                .tenant_id = unit().tenant_id,
                                                                .id = id,
                                                                .if_version = patch.if_version},
                                            deadline));
}

Task<bool> PostgresTools::erase(Uuid id, Deadline deadline) {
  co_return co_await ask(queries::EraseTool{.tenant_id = unit().tenant_id, .id = id}, deadline) ==
      1;
}

Task<std::optional<Tool>> PostgresTools::find(std::string name,
                                              std::optional<std::int32_t> tool_version,
                                              Deadline deadline) {
  require_storable(name, "name", limits::name);
  co_return to_optional_record(co_await ask(
      queries::FindTool{
          .tenant_id = unit().tenant_id, .name = std::move(name), .tool_version = tool_version},
      deadline));
}

Task<Tool> PostgresTools::register_tool(NewTool tool, Deadline deadline) {
  prepare(unit(), tool);
  tool.tool_version.reset();
  std::optional<Tool> newest = co_await find(tool.name, std::nullopt, deadline);
  if (newest && is_registered(*newest, tool)) co_return *std::move(newest);
  // Again, where nobody else can add a version meanwhile.
  const auto work = [&](const Unit& inside) -> Task<Tool> {
    auto [locked, row] = co_await inside.session->pipeline(
        deadline, queries::LockToolNames{.names = {tool.name}},
        queries::FindTool{.tenant_id = inside.tenant_id, .name = tool.name, .tool_version = {}});
    (void)locked;
    std::optional<Tool> there = to_optional_record(std::move(row));
    if (there && is_registered(*there, tool)) co_return *std::move(there);
    co_return std::move((co_await insert(inside, {&tool, 1}, deadline)).at(0));
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

}  // namespace loci::storage
