#include <set>

#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

namespace {

// What is a user's: their conversations and memories, and what belongs to these.
struct Belongings {
  std::set<Uuid> conversations;
  std::set<Uuid> messages;
  std::set<Uuid> memories;

  Belongings(Statement& s, const std::string& user_id) {
    s.work.each<Conversation>(s.key(Table::conversations), [&](const Key&, const auto& each) {
      if (each->user_id == user_id) conversations.insert(each->id);
    });
    s.work.each<Message>(s.key(Table::messages), [&](const Key&, const auto& each) {
      if (conversations.contains(each->conversation_id)) messages.insert(each->id);
    });
    s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& each) {
      const auto& of = each->scope.conversation_id;
      if (each->scope.user_id == user_id || (of && conversations.contains(*of))) {
        memories.insert(each->id);
      }
    });
  }
};

template <class Row, class Is>
std::int64_t count(Statement& s, Table table, Is is) {
  std::int64_t rows = 0;
  s.work.each<Row>(s.key(table), [&](const Key&, const auto& row) { rows += is(*row) ? 1 : 0; });
  return rows;
}

std::vector<ErasedRows> rows_of(Statement& s, const Belongings& b) {
  std::int64_t versions = 0;
  for (const Uuid& id : b.memories) {
    s.work.each<MemoryVersion>(s.key(Table::memory_versions, id),
                               [&](const Key&, const auto&) { ++versions; });
  }
  return {
      {"conversations",
       count<Conversation>(s, Table::conversations,
                           [&](const Conversation& r) { return b.conversations.contains(r.id); })},
      {"messages", count<Message>(s, Table::messages,
                                  [&](const Message& r) { return b.messages.contains(r.id); })},
      {"tool_executions", count<ToolExecution>(s, Table::tool_executions,
                                               [&](const ToolExecution& r) {
                                                 return b.conversations.contains(r.conversation_id);
                                               })},
      {"memories", count<Memory>(s, Table::memories,
                                 [&](const Memory& r) { return b.memories.contains(r.id); })},
      {"memory_versions", versions},
      {"memory_sources", count<MemorySource>(s, Table::memory_sources,
                                             [&](const MemorySource& r) {
                                               return b.memories.contains(r.memory_id) ||
                                                      b.messages.contains(r.message_id);
                                             })},
      {"embeddings", count<Embedding>(s, Table::embeddings,
                                      [&](const Embedding& r) {
                                        const auto& texts =
                                            r.content_type == "memory" ? b.memories : b.messages;
                                        return texts.contains(r.content_id);
                                      })},
  };
}

}  // namespace

ErasureReport erase_everything_of(Statement& s, const std::string& user_id) {
  const Belongings all(s, user_id);
  ErasureReport report{.user_id = user_id, .tables = rows_of(s, all), .erased_at = s.now};
  Rules<Conversation>::each(s, Deleted::include, [&](const auto& each) {
    if (all.conversations.contains(each->id)) Rules<Conversation>::remove(s, *each);
  });
  s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& each) {
    if (all.memories.contains(each->id)) Rules<Memory>::remove(s, *each);
  });
  const std::vector<ErasedRows> left = rows_of(s, all);
  for (std::size_t i = 0; i < left.size(); ++i) report.tables[i].left = left[i].erased;
  return report;
}

}  // namespace loci::storage::mock
