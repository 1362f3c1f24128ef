#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

Task<std::optional<Tool>> Tools::find(std::string name, std::optional<std::int32_t> tool_version,
                                      Deadline deadline) {
  return unit_.run(named("find"), deadline,
                   [name = std::move(name), tool_version](Statement& s) -> std::optional<Tool> {
                     require_storable(name, "name", limits::name);
                     if (!tool_version) {
                       const auto newest = Rules<Tool>::newest(s, name);
                       return newest ? std::optional(*newest) : std::nullopt;
                     }
                     const auto id =
                         s.work.find<Uuid>(s.key(Table::tool_names, name, *tool_version));
                     return id ? std::optional(*Rules<Tool>::find(s, *id)) : std::nullopt;
                   });
}

Task<Tool> Tools::register_tool(NewTool tool, Deadline deadline) {
  tool.tool_version.reset();  // a new version is the next one
  return unit_.run(named("register_tool"), deadline, [tool = std::move(tool)](Statement& s) {
    check(tool);
    const auto newest = Rules<Tool>::newest(s, tool.name);
    return newest && is_registered(*newest, tool) ? *newest : Rules<Tool>::create(s, tool);
  });
}

Task<std::int64_t> ToolExecutions::close_pending(Uuid conversation_id, Deadline deadline) {
  return unit_.run(named("close_pending"), deadline, [conversation_id](Statement& s) {
    std::int64_t closed = 0;
    Rules<ToolExecution>::each(s, Deleted::exclude, [&](const auto& each) {
      if (each->conversation_id != conversation_id) return;
      if (each->status != "pending" && each->status != "running") return;
      ToolExecution record = *each;
      Rules<ToolExecution>::change(s, record, {.status = "cancelled"});
      (void)Rules<ToolExecution>::put(s, *each, std::move(record));
      ++closed;
    });
    return closed;
  });
}

}  // namespace loci::storage::mock
