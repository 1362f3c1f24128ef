#pragma once
#include <string>

#include "support/storage_fixture.hpp"

namespace loci::test {

/// One record of every kind, all of one user, stored through `repositories`; each refers to the
/// others wherever it can.
struct OneOfEach {
  OneOfEach(StorageFixture& fixture, storage::Repositories& repositories, const std::string& user) {
    model = fixture.run(fixture.storage.embeddings().add_model("m", 2)).id;
    storage::NewConversation talk;
    talk.user_id = user;
    talk.title = "The secret of " + user;
    conversation = fixture.run(repositories.conversations().create(talk));
    messages = fixture.run(repositories.messages().append(
        conversation.id, {StorageFixture::message("the secret of " + user),
                          StorageFixture::message("calling a tool", "assistant"),
                          StorageFixture::message("what it said", "tool")}));
    storage::NewToolExecution call;
    call.message_id = messages[1].id;
    call.tool_call_id = "call of " + user;
    call.tool_name = "bash";
    execution = fixture.run(repositories.tool_executions().create(call));
    execution = fixture
                    .run(repositories.tool_executions().update(
                        execution.key(), {.result_message_id = std::optional(messages[2].id)}))
                    .value();
    storage::NewMemory fact;
    fact.scope.user_id = user;
    fact.scope.conversation_id = conversation.id;
    fact.content = user + " has a secret";
    fact.sources = {messages[0].id};
    memory = fixture.run(repositories.memories().create(fact));
    memory = fixture.run(repositories.memories().update(memory.id, {.importance = 0.9})).value();
    storage::NewTool made;
    made.name = "tool of " + user;
    tool = fixture.run(repositories.tools().create(made));
    for (const char* type : {"message", "memory"}) {
      storage::NewEmbedding vector;
      vector.model_id = model;
      vector.content_type = type;
      vector.content_id = std::string(type) == "message" ? messages[0].id : memory.id;
      vector.embedding = {{1, 0}};
      embeddings.push_back(fixture.run(repositories.embeddings().create(vector)));
    }
  }

  /// The messages are queued for embedding by themselves, memories are not.
  void queue_memory(StorageFixture& fixture) const {
    fixture.script(
        "insert into embedding_jobs (tenant_id, model_id, content_type, content_id) values"
        " (loci_tenant(), " +
        std::to_string(model) + ", 'memory', '" + memory.id.str() + "')");
  }

  storage::Conversation conversation;
  std::vector<storage::Message> messages;
  storage::ToolExecution execution;
  storage::Memory memory;
  storage::Tool tool;
  std::int32_t model = 0;
  std::vector<storage::Embedding> embeddings;
};

}  // namespace loci::test
