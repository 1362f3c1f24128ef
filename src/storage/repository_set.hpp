#pragma once
#include "storage/postgres_conversations.hpp"
#include "storage/postgres_embeddings.hpp"
#include "storage/postgres_memories.hpp"
#include "storage/postgres_messages.hpp"
#include "storage/postgres_tool_executions.hpp"
#include "storage/postgres_tools.hpp"

namespace loci::storage {

/// All repositories over one unit.
struct RepositorySet {
  explicit RepositorySet(const Unit& over)
      : unit(over),
        conversations(over),
        messages(over),
        embeddings(over),
        memories(over),
        tools(over),
        tool_executions(over) {}

  Unit unit;
  PostgresConversations conversations;
  PostgresMessages messages;
  PostgresEmbeddings embeddings;
  PostgresMemories memories;
  PostgresTools tools;
  PostgresToolExecutions tool_executions;
};

}  // namespace loci::storage
