// Every method of every repository, tried by those who must not see or change a record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <loci/pg/scoped_session.hpp>

#include "pg/embedded/sql.hpp"
#include "storage/one_of_each.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Who tries.
enum class As : std::uint8_t {
  other_storage,
  tenant_view,
  tenant_transaction,
  user_view,
  user_transaction,
  user_of_other_tenant,
};

// What they try it on: ann's records, of every kind.
struct World : test::StorageFixture {
  World() : theirs(*this, storage, "ann") { theirs.queue_memory(*this); }

  // All rows of all tables.
  std::string all_rows() {
    const std::string admin = test::TestServer::instance().admin_dsn(database);
    std::string columns;
    for (const char* table :
         {"conversations", "messages", "tool_executions", "memories", "memory_versions",
          "memory_sources", "tools", "embeddings", "embedding_jobs", "embedding_models"}) {
      columns += (columns.empty() ? "" : " || ") + std::string("'") + table +
                 "\n' || (select coalesce(string_agg(t::text, e'\n' order by t::text), '') from " +
                 table + " t)";
    }
    return pg::embedded::run_statement(admin, "select " + columns);
  }

  test::OneOfEach theirs;
};

struct Matrix : testing::TestWithParam<As> {
  Matrix() {
    switch (GetParam()) {
      case As::other_storage:
        view = std::make_unique<PostgresStorage>(world.runtime.executor(),
                                                 world.options(test::other_tenant()));
        break;
      case As::tenant_view:
      case As::tenant_transaction:
        view = storage.for_tenant(test::other_tenant());
        break;
      case As::user_view:
      case As::user_transaction:
        view = storage.for_user("bob");
        break;
      case As::user_of_other_tenant:
        other_tenant = storage.for_tenant(test::other_tenant());
        view = other_tenant->for_user("ann");
        break;
    }
    if (GetParam() == As::tenant_transaction || GetParam() == As::user_transaction) {
      transaction = run(view->begin());
    }
  }

  static void TearDownTestSuite() { shared.reset(); }
  // A world is handed on while it is as it was.
  void TearDown() override {
    transaction.reset();
    if (world.all_rows() != before) changed = true;
  }
  ~Matrix() override {
    transaction.reset();
    view.reset();
    other_tenant.reset();
    if (changed) shared.reset();
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return world.run(std::move(work));
  }
  std::string all_rows() { return world.all_rows(); }

  [[nodiscard]] Repositories& stranger() {
    return transaction ? static_cast<Repositories&>(*transaction) : *view;
  }
  // Everybody has the tools of his tenant.
  [[nodiscard]] static bool sees_tools() {
    return GetParam() == As::user_view || GetParam() == As::user_transaction;
  }

  // The kind, or the SQLSTATE, of what is thrown.
  template <class Work>
  std::string refusal(Work work) {
    const Error error = error_of([&] { return run(work()); });
    return error.kind() == ErrorKind::server ? std::string(error.sqlstate())
                                             : std::string(to_string(error.kind()));
  }

  // What is thrown for work that may end the transaction: each has one of its own.
  template <class Work>
  std::string refusal_alone(Work work) {
    if (transaction) transaction = run(view->begin());
    std::string told = refusal([&] { return work(stranger()); });
    if (transaction) transaction = run(view->begin());
    return told;
  }
  // Strangers of the same tenant are told apart by the user, others by the tenant.
  [[nodiscard]] static std::string no_text() {
    const bool by_user = GetParam() == As::user_view || GetParam() == As::user_transaction ||
                         GetParam() == As::user_of_other_tenant;
    return by_user ? "invalid argument" : "23503";
  }

  static World& unchanged() {
    if (!shared) shared = std::make_unique<World>();
    return *shared;
  }

  inline static std::unique_ptr<World> shared;
  World& world = unchanged();
  test::OneOfEach& theirs = world.theirs;
  PostgresStorage& storage = world.storage;
  const std::string before = world.all_rows();
  bool changed = false;
  std::unique_ptr<Storage> other_tenant;
  std::unique_ptr<Storage> view;
  std::unique_ptr<Transaction> transaction;
};

std::string name_of(const testing::TestParamInfo<As>& which) {
  constexpr std::array names{"OtherStorage", "TenantView",      "TenantTransaction",
                             "UserView",     "UserTransaction", "UserOfOtherTenant"};
  return names.at(static_cast<std::size_t>(which.param));
}

INSTANTIATE_TEST_SUITE_P(As, Matrix,
                         testing::Values(As::other_storage, As::tenant_view, As::tenant_transaction,
                                         As::user_view, As::user_transaction,
                                         As::user_of_other_tenant),
                         name_of);

TEST_P(Matrix, ConversationsOfOthersAreNotThere) {
  ConversationRepository& conversations = stranger().conversations();
  const Uuid id = theirs.conversation.id;
  EXPECT_FALSE(run(conversations.get(id)));
  EXPECT_FALSE(run(conversations.exists(id)));
  EXPECT_FALSE(run(conversations.exists(Filter())));
  EXPECT_FALSE(run(conversations.get_batch({id})).at(0));
  EXPECT_EQ(run(conversations.count()), 0);
  EXPECT_THAT(run(conversations.list({}, {.deleted = Deleted::include})).items, IsEmpty());
  EXPECT_THAT(run(conversations.list(ConversationFields::user_id.eq("ann"))).items, IsEmpty());
  EXPECT_THAT(run(conversations.search_titles("secret")), IsEmpty());
  EXPECT_FALSE(run(conversations.update(id, {.title = "x"})));
  EXPECT_FALSE(
      run(conversations.update(id, {.current_leaf_id = std::optional(theirs.messages[0].id)})));
  EXPECT_FALSE(run(conversations.replace(theirs.conversation)));
  EXPECT_FALSE(run(conversations.erase(id)));
  EXPECT_FALSE(run(conversations.restore(id)));
  EXPECT_FALSE(run(conversations.purge(id)));
  EXPECT_EQ(run(conversations.purge_deleted(now() + 1h)), 0);
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, MessagesOfOthersAreNotThere) {
  MessageRepository& messages = stranger().messages();
  const Uuid conversation = theirs.conversation.id;
  const Uuid id = theirs.messages[0].id;
  EXPECT_FALSE(run(messages.get(id)));
  EXPECT_FALSE(run(messages.exists(id)));
  EXPECT_FALSE(run(messages.exists(Filter())));
  EXPECT_FALSE(run(messages.get_batch({id})).at(0));
  EXPECT_EQ(run(messages.count()), 0);
  EXPECT_THAT(run(messages.list(MessageFields::conversation_id.eq(conversation))).items, IsEmpty());
  EXPECT_THAT(run(messages.after(conversation, 0, 10)), IsEmpty());
  EXPECT_THAT(run(messages.latest(conversation, 10)), IsEmpty());
  EXPECT_THAT(run(messages.context(conversation, 10)), IsEmpty());
  EXPECT_THAT(run(messages.path(theirs.messages[2].id)), IsEmpty());
  EXPECT_THAT(run(messages.replies(id)), IsEmpty());
  EXPECT_FALSE(run(messages.update(id, {.content = "x"})));
  EXPECT_FALSE(run(messages.replace(theirs.messages[0])));
  EXPECT_FALSE(run(messages.erase(id)));
  NewMessage into = World::message("x");
  EXPECT_EQ(refusal([&] { return messages.append(conversation, {into}); }), "invalid argument");
  into.conversation_id = conversation;
  EXPECT_EQ(refusal([&] { return messages.create_batch({into, into}); }), "invalid argument");
  EXPECT_FALSE(run(messages.create_each({into})).at(0));
  EXPECT_EQ(refusal([&] { return messages.create(into); }), "invalid argument");
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, EmbeddingsOfOthersAreNotThere) {
  EmbeddingRepository& embeddings = stranger().embeddings();
  for (const Embedding& each : theirs.embeddings) {
    EXPECT_FALSE(run(embeddings.get(each.key())));
    EXPECT_FALSE(run(embeddings.exists(each.key())));
    EXPECT_FALSE(run(embeddings.get_batch({each.key()})).at(0));
    EXPECT_THAT(run(embeddings.of_text(each.model_id, each.content_type, each.content_id)),
                IsEmpty());
    EXPECT_FALSE(run(embeddings.update(each.key(), {.content_hash = "x"})));
    EXPECT_FALSE(run(embeddings.replace(each)));
    EXPECT_FALSE(run(embeddings.erase(each.key())));
  }
  EXPECT_FALSE(run(embeddings.exists(Filter())));
  EXPECT_EQ(run(embeddings.count()), 0);
  EXPECT_THAT(run(embeddings.list()).items, IsEmpty());
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, VectorsOfOthersTextsAreNotStored) {
  for (const Embedding& each : theirs.embeddings) {
    NewEmbedding made;
    made.model_id = each.model_id;
    made.content_type = each.content_type;
    made.content_id = each.content_id;
    for (const std::int32_t chunk : {0, 1}) {  // one that is there, and one that is not
      made.chunk = chunk;
      made.embedding = {{0, 1}};
      EXPECT_EQ(refusal_alone([&](Repositories& to) { return to.embeddings().create(made); }),
                no_text());
      EXPECT_EQ(
          refusal_alone([&](Repositories& to) { return to.embeddings().create_batch({made}); }),
          no_text());
      EXPECT_EQ(refusal_alone([&](Repositories& to) -> Task<bool> {
                  co_await to.embeddings().store({made});
                  co_return true;
                }),
                no_text());
    }
  }
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, MemoriesOfOthersConversationsAndMessagesAreNotStored) {
  NewMemory of_talk;
  of_talk.content = "x";
  of_talk.scope.conversation_id = theirs.conversation.id;
  NewMemory of_message;
  of_message.content = "x";
  of_message.sources = {theirs.messages[0].id};
  for (const NewMemory& made : {of_talk, of_message}) {
    EXPECT_EQ(refusal_alone([&](Repositories& to) { return to.memories().create(made); }), "23503");
    EXPECT_EQ(refusal_alone([&](Repositories& to) { return to.memories().upsert(made); }), "23503");
  }
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, ASecondMemoryOfTheSameIsTheStrangersOwn) {
  NewMemory made;
  made.content = theirs.memory.content;
  made.scope = theirs.memory.scope;
  made.scope.user_id = GetParam() == As::user_of_other_tenant ? "ann" : "bob";
  made.scope.conversation_id.reset();
  EXPECT_TRUE(run(stranger().memories().upsert(made)).created);
  if (transaction) run(transaction->rollback());
  EXPECT_EQ(run(storage.memories().get(theirs.memory.id)).value().version, theirs.memory.version);
  if (transaction) {
    EXPECT_EQ(all_rows(), before);
  }
}

TEST_P(Matrix, AResultIsNoMessageOfOthers) {
  if (GetParam() == As::user_of_other_tenant) GTEST_SKIP() << "that is another ann";
  const test::OneOfEach mine(world, stranger(), "bob");
  const Error error = error_of([&] {
    return run(stranger().tool_executions().update(
        mine.execution.key(), {.result_message_id = std::optional(theirs.messages[2].id)}));
  });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
}

TEST_P(Matrix, ErasingAUserErasesNobodyElse) {
  if (GetParam() == As::user_view || GetParam() == As::user_transaction) {
    EXPECT_EQ(refusal([&] { return view->erase_user("ann"); }), "invalid argument");
  } else {
    for (const ErasedRows& rows : run(view->erase_user("ann")).tables) {
      EXPECT_EQ(rows.erased, 0) << rows.table;
    }
  }
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, MemoriesOfOthersAreNotThere) {
  MemoryRepository& memories = stranger().memories();
  const Uuid id = theirs.memory.id;
  EXPECT_FALSE(run(memories.get(id)));
  EXPECT_FALSE(run(memories.exists(id)));
  EXPECT_FALSE(run(memories.exists(Filter())));
  EXPECT_FALSE(run(memories.get_batch({id})).at(0));
  EXPECT_EQ(run(memories.count()), 0);
  EXPECT_THAT(run(memories.list({}, {.deleted = Deleted::include})).items, IsEmpty());
  EXPECT_THAT(run(memories.most_important({}, 10)), IsEmpty());
  EXPECT_THAT(run(memories.versions(id)), IsEmpty());
  EXPECT_THAT(run(memories.sources(id)), IsEmpty());
  EXPECT_FALSE(run(memories.update(id, {.content = "x"})));
  EXPECT_FALSE(run(memories.replace(theirs.memory)));
  EXPECT_EQ(run(memories.touch({id})), 0);
  NewMemory by;
  by.content = "x";
  EXPECT_FALSE(run(memories.supersede(id, by)));
  EXPECT_FALSE(run(memories.erase(id)));
  EXPECT_EQ(run(memories.sweep(now() + 1h)), 0);
  EXPECT_EQ(run(memories.purge_deleted(now() + 1h)), 0);
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, ToolsOfOtherTenantsAreNotThere) {
  if (sees_tools()) {
    EXPECT_TRUE(run(stranger().tools().get(theirs.tool.id))) << "tools are everybody's";
    NewTool same;
    same.name = theirs.tool.name;
    EXPECT_EQ(run(stranger().tools().register_tool(same)).id, theirs.tool.id);
    return;
  }
  ToolRepository& tools = stranger().tools();
  EXPECT_FALSE(run(tools.get(theirs.tool.id)));
  EXPECT_FALSE(run(tools.exists(theirs.tool.id)));
  EXPECT_FALSE(run(tools.exists(Filter())));
  EXPECT_FALSE(run(tools.get_batch({theirs.tool.id})).at(0));
  EXPECT_EQ(run(tools.count()), 0);
  EXPECT_THAT(run(tools.list()).items, IsEmpty());
  EXPECT_FALSE(run(tools.find(theirs.tool.name)));
  EXPECT_FALSE(run(tools.update(theirs.tool.id, {.description = "x"})));
  EXPECT_FALSE(run(tools.replace(theirs.tool)));
  EXPECT_FALSE(run(tools.erase(theirs.tool.id)));
  EXPECT_EQ(all_rows(), before);
  NewTool same;
  same.name = theirs.tool.name;
  EXPECT_EQ(run(tools.register_tool(same)).tool_version, 1);
  EXPECT_EQ(run(tools.create(same)).tool_version, 2);
  EXPECT_EQ(run(storage.tools().find(same.name)).value().id, theirs.tool.id);
}

TEST_P(Matrix, ExecutionsOfOthersAreNotThere) {
  ToolExecutionRepository& executions = stranger().tool_executions();
  const ExecutionKey key = theirs.execution.key();
  EXPECT_FALSE(run(executions.get(key)));
  EXPECT_FALSE(run(executions.exists(key)));
  EXPECT_FALSE(run(executions.exists(Filter())));
  EXPECT_FALSE(run(executions.get_batch({key})).at(0));
  EXPECT_EQ(run(executions.count()), 0);
  EXPECT_THAT(run(executions.list()).items, IsEmpty());
  EXPECT_FALSE(run(executions.update(key, {.status = "running"})));
  EXPECT_FALSE(run(executions.replace(theirs.execution)));
  EXPECT_FALSE(run(executions.erase(key)));
  EXPECT_EQ(run(executions.close_pending(theirs.conversation.id)), 0);
  NewToolExecution call;
  call.message_id = theirs.messages[0].id;
  call.tool_call_id = "mine";
  call.tool_name = "t";
  EXPECT_FALSE(run(executions.create_each({call})).at(0));
  EXPECT_EQ(refusal([&] { return executions.create_batch({call}); }), "23503");
  EXPECT_EQ(all_rows(), before);
}

TEST_P(Matrix, WhatOneStoresTheOtherDoesNotSee) {
  if (GetParam() == As::user_of_other_tenant) GTEST_SKIP() << "that is another ann";
  const test::OneOfEach mine(world, stranger(), "bob");
  if (transaction) run(transaction->commit());
  const auto ann = storage.for_user("ann");
  EXPECT_FALSE(run(ann->conversations().get(mine.conversation.id)));
  EXPECT_FALSE(run(ann->messages().get(mine.messages[0].id)));
  EXPECT_FALSE(run(ann->memories().get(mine.memory.id)));
  EXPECT_FALSE(run(ann->tool_executions().get(mine.execution.key())));
  EXPECT_FALSE(run(ann->embeddings().get(mine.embeddings[0].key())));
  EXPECT_EQ(run(ann->conversations().count()), 1);
  EXPECT_EQ(run(view->conversations().count()), 1);
  EXPECT_EQ(run(view->messages().count()), 3);
  EXPECT_EQ(run(view->memories().count()), 1);
  EXPECT_EQ(run(view->tool_executions().count()), 1);
  EXPECT_EQ(run(view->embeddings().count()), 2);
}

TEST_P(Matrix, SqlThatForgetsTheTenantSeesNothingOfAnother) {
  if (sees_tools()) GTEST_SKIP() << "users of one tenant are kept apart by predicates alone";
  const std::string tenant = test::other_tenant().str();
  pg::ScopedSession scoped(storage.pool(), pg::ScopedSession::Inside::pool,
                           {{"loci.tenant_id", tenant}});
  for (const std::string table :
       {"conversations", "messages", "tool_executions", "memories", "memory_versions",
        "memory_sources", "tools", "embeddings", "embedding_jobs"}) {
    EXPECT_GT(world.number("select count(*) from " + table), 0) << table;
    const std::string count = "select count(*) from " + table;
    EXPECT_EQ(run(test::value<pg::type::Int8>(scoped, test::query(count))), 0) << table;
    EXPECT_EQ(run(test::value<pg::type::Int8>(scoped, test::reading(count))), 0) << table;
    const std::string remove = "delete from " + table;
    EXPECT_EQ(run(test::ask(scoped, test::query(remove))).affected(), 0U) << table;
  }
  EXPECT_EQ(all_rows(), before);
}

}  // namespace
}  // namespace loci::storage
