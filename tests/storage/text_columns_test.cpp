// What the conformance suite asks of every field of text, seen from the schema.
#include <gtest/gtest.h>

#include <loci/storage/limits.hpp>
#include <set>
#include <sstream>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;

struct TextColumns : testing::Test, test::StorageFixture {};

// A new one needs a check in input_checks.cpp and a field in conformance/text_fields_test.cpp or
// json_fields_test.cpp; then it goes here.
TEST_F(TextColumns, AreAllKnownToTheTextPolicy) {
  std::istringstream columns(text(
      "select string_agg(table_name || '.' || column_name, ' ' order by table_name, column_name)"
      " from information_schema.columns c"
      " where table_schema = 'public' and data_type in ('text', 'json', 'jsonb')"
      "   and not exists (select from pg_inherits where inhrelid = table_name::regclass)"));
  const std::set<std::string> free{"conversations.user_id",
                                   "conversations.title",
                                   "conversations.source",
                                   "conversations.source_id",
                                   "conversations.metadata",
                                   "messages.content",
                                   "messages.parts",
                                   "messages.model",
                                   "messages.metadata",
                                   "messages.source_id",
                                   "tool_executions.tool_call_id",
                                   "tool_executions.tool_name",
                                   "tool_executions.arguments",
                                   "tool_executions.result",
                                   "tool_executions.error",
                                   "memories.user_id",
                                   "memories.agent_id",
                                   "memories.namespace",
                                   "memories.content",
                                   "memories.metadata",
                                   "tools.name",
                                   "tools.description",
                                   "tools.schema",
                                   "tools.metadata",
                                   "embeddings.metadata",
                                   "embedding_models.name"};
  // Of a few words, copied from another column, or written by Loci itself.
  const std::set<std::string> closed{"conversations.status",
                                     "messages.role",
                                     "tool_executions.status",
                                     "memories.kind",
                                     "tools.status",
                                     "embeddings.content_type",
                                     "embedding_models.metric",
                                     "embedding_models.status",
                                     "embedding_models.storage",
                                     "embedding_jobs.content_type",
                                     "embedding_jobs.last_error",
                                     "memory_versions.kind",
                                     "memory_versions.content",
                                     "memory_versions.metadata",
                                     "vector_decisions.action",
                                     "vector_decisions.reason",
                                     "vector_indexes.kind",
                                     "vector_indexes.name",
                                     "vector_indexes.status",
                                     "vector_indexes.storage",
                                     "loci_secrets.name",
                                     "schema_migrations.name",
                                     "schema_migrations.checksum",
                                     "schema_migrations.undone_checksum"};
  for (std::string name; columns >> name;) {
    if (name.starts_with("pg_")) continue;  // views of extensions
    EXPECT_TRUE(free.contains(name) || closed.contains(name)) << name;
  }
}

// What stands in an index must fit into it, whatever it is made of.
TEST_F(TextColumns, OfTheGreatestLengthFitIntoTheirIndexes) {
  std::string name;  // of nothing that could be compressed
  while (name.size() < limits::name) name += Uuid::v7().str().substr(24, 8);
  NewConversation talk;
  talk.user_id = name;
  talk.source = name;
  talk.source_id = name;
  const Conversation made = run(storage.conversations().create(talk));
  NewMemory fact;
  fact.scope.user_id = name;
  fact.scope.agent_id = name.substr(0, limits::scope);
  fact.scope.name_space = name.substr(0, limits::scope);
  fact.scope.conversation_id = made.id;
  fact.content = "a fact";
  EXPECT_NO_THROW((void)run(storage.memories().create(fact)));
  NewTool tool;
  tool.name = name;
  EXPECT_NO_THROW((void)run(storage.tools().create(tool)));
  const auto messages = run(storage.messages().append(made.id, {message("x")}));
  NewToolExecution call;
  call.message_id = messages.at(0).id;
  call.tool_call_id = name;
  call.tool_name = name;
  EXPECT_NO_THROW((void)run(storage.tool_executions().create(call)));
  EXPECT_NO_THROW((void)run(storage.embeddings().add_model(name, 2)));
}

TEST_F(TextColumns, RefuseBeforeAnythingIsSent) {
  PostgresOptions nowhere = options();
  nowhere.pool.conninfo = "host=/nonexistent";
  PostgresStorage unreachable(runtime.executor(), nowhere);
  NewConversation bad;
  bad.title = "a\xff";
  EXPECT_EQ(error_of([&] { return run(unreachable.conversations().create(bad)); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { return run(unreachable.conversations().create({})); }).kind(),
            ErrorKind::connect);
}

}  // namespace
}  // namespace loci::storage
