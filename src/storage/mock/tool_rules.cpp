#include "storage/input_checks.hpp"
#include "storage/mock/jsonb.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using ToolRules = Rules<Tool>;

Key tool_place(Statement& s, const Uuid& id) {
  return s.key(Table::tools, id);
}

Key name_place(Statement& s, const Tool& record) {
  return s.key(Table::tool_names, record.name, record.tool_version);
}

}  // namespace

Found<Tool> ToolRules::newest(Statement& s, const std::string& tool_name) {
  Found<Tool> last;
  s.work.each<Uuid>(s.key(Table::tool_names, tool_name),
                    [&](const Key&, const auto& id) { last = find(s, *id); });
  return last;
}

Tool ToolRules::create(Statement& s, const NewTool& made) {
  check(made);
  const auto before = newest(s, made.name);
  Tool record{.id = made.id ? *made.id : Uuid::v7(),
              .name = made.name,
              .tool_version = made.tool_version.value_or(before ? before->tool_version + 1 : 1),
              .description = made.description,
              .schema = made.schema,
              .status = "active",
              .metadata = as_jsonb(made.metadata),
              .created_at = s.now,
              .updated_at = s.now,
              .version = 1};
  s.work.insert(tool_place(s, record.id), record, "tools_pkey");
  s.work.insert(name_place(s, record), record.id, "tools_tenant_id_name_tool_version_key");
  return record;
}

Found<Tool> ToolRules::find(Statement& s, const Uuid& id) {
  return s.work.find<Tool>(tool_place(s, id));
}

void ToolRules::each(Statement& s, Deleted deleted, const Visit<Tool>& visit) {
  if (deleted == Deleted::only) return;
  s.work.each<Tool>(s.key(Table::tools), [&](const Key&, const auto& record) { visit(record); });
}

void ToolRules::change(Statement& s, Tool& record, const ToolPatch& patch) {
  if (patch.description) record.description = *patch.description;
  if (patch.status) record.status = *patch.status;
  if (patch.metadata) record.metadata = as_jsonb(*patch.metadata);
  record.updated_at = s.now;
}

Tool ToolRules::put(Statement& s, const Tool& /*before*/, Tool record) {
  ++record.version;
  s.work.put(tool_place(s, record.id), record);
  return record;
}

bool ToolRules::erase(Statement& s, const Uuid& id) {
  const auto found = find(s, id);
  if (!found) return false;
  s.work.remove(name_place(s, *found));
  s.work.remove(tool_place(s, id));
  return true;
}

}  // namespace loci::storage::mock
