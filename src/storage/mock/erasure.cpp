#include <map>

#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

namespace {

using Counts = std::map<std::string, std::int64_t>;

template <class Row>
std::int64_t rows_under(Statement& s, const Key& prefix) {
  std::int64_t rows = 0;
  s.work.each<Row>(prefix, [&](const Key&, const auto&) { ++rows; });
  return rows;
}

std::int64_t embeddings_of(Statement& s, std::string_view type, const Uuid& id) {
  std::int64_t rows = 0;
  Rules<Embedding>::each(s, Deleted::include, [&](const auto& each) {
    rows += each->content_type == type && each->content_id == id ? 1 : 0;
  });
  return rows;
}

// Of everything that goes with a user's conversations and memories.
Counts count_all(Statement& s, const std::string& user_id) {
  Counts counts{{"conversations", 0}, {"messages", 0},        {"tool_executions", 0},
                {"memories", 0},      {"memory_versions", 0}, {"memory_sources", 0},
                {"embeddings", 0}};
  std::set<Uuid> conversations;
  Rules<Conversation>::each(s, Deleted::include, [&](const auto& conversation) {
    if (conversation->user_id != user_id) return;
    conversations.insert(conversation->id);
    ++counts["conversations"];
    for (const auto& message : Rules<Message>::of_conversation(s, conversation->id)) {
      ++counts["messages"];
      counts["tool_executions"] +=
          rows_under<ToolExecution>(s, s.key(Table::tool_executions, message->id));
      counts["embeddings"] += embeddings_of(s, "message", message->id);
    }
  });
  s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& memory) {
    const auto& of = memory->scope.conversation_id;
    if (memory->scope.user_id != user_id && !(of && conversations.contains(*of))) return;
    ++counts["memories"];
    counts["memory_versions"] +=
        rows_under<MemoryVersion>(s, s.key(Table::memory_versions, memory->id));
    counts["memory_sources"] += rows_under<Uuid>(s, s.key(Table::memory_sources, memory->id));
    counts["embeddings"] += embeddings_of(s, "memory", memory->id);
  });
  return counts;
}

}  // namespace

ErasureReport erase_everything_of(Statement& s, const std::string& user_id) {
  const Counts before = count_all(s, user_id);
  Rules<Conversation>::each(s, Deleted::include, [&](const auto& conversation) {
    if (conversation->user_id == user_id) Rules<Conversation>::remove(s, *conversation);
  });
  s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& memory) {
    if (memory->scope.user_id == user_id) Rules<Memory>::remove(s, *memory);
  });
  Counts left = count_all(s, user_id);
  ErasureReport report{.user_id = user_id, .tables = {}, .erased_at = s.now};
  for (const auto& [table, rows] : before) report.tables.push_back({table, rows, left[table]});
  return report;
}

}  // namespace loci::storage::mock
