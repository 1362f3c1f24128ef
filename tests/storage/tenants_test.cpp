#include <gtest/gtest.h>

#include "queries/search.hpp"
#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::ask;
using test::error_of;
using test::query;
using test::value;

// Two tenants on one database. `storage` is the one that has something.
struct Tenants : testing::Test, test::StorageFixture {
  Tenants() : stranger(runtime.executor(), options(test::other_tenant())) {
    conversation = talk({"the secret of the deadlock", "is a lock"});
    message = run(storage.messages().latest(conversation.id, 1)).at(0).id;
    model = run(storage.embeddings().add_model("m", 2)).id;
    NewEmbedding vector;
    vector.model_id = model;
    vector.content_id = message;
    vector.embedding = {{1, 0}};
    run(storage.embeddings().store({vector}));
  }

  std::int64_t seen_by(PostgresStorage& who, const std::string& table) {
    const std::string sql = "select count(*) from " + table;
    return run(value<pg::type::Int8>(who.pool(), query(sql)));
  }
  std::string refusal(const std::string& sql) {
    return std::string(error_of([&] { return run(ask(stranger.pool(), query(sql))); }).sqlstate());
  }
  template <class Search>
  static Search search_of(Uuid tenant) {
    Search made;
    made.tenant_id = tenant;
    made.question = "deadlock";
    made.max_results = 10;
    made.depth = 10;
    made.text_weight = 1;
    made.vector_weight = 1;
    made.fusion_k = 60;
    return made;
  }

  PostgresStorage stranger;
  Conversation conversation;
  Uuid message;
  std::int32_t model = 0;
};

TEST_F(Tenants, NoRepositoryShowsOrChangesWhatIsAnothers) {
  ConversationRepository& conversations = stranger.conversations();
  EXPECT_FALSE(run(conversations.get(conversation.id)));
  EXPECT_FALSE(run(conversations.exists(conversation.id)));
  EXPECT_TRUE(run(conversations.list()).items.empty());
  EXPECT_EQ(run(conversations.count()), 0);
  EXPECT_FALSE(run(conversations.update(conversation.id, {.title = "x"})));
  EXPECT_FALSE(run(conversations.erase(conversation.id)));
  EXPECT_FALSE(run(conversations.purge(conversation.id)));

  MessageRepository& messages = stranger.messages();
  EXPECT_FALSE(run(messages.get(message)));
  EXPECT_TRUE(run(messages.after(conversation.id, 0, 10)).empty());
  EXPECT_TRUE(run(messages.latest(conversation.id, 10)).empty());
  EXPECT_TRUE(run(messages.path(message)).empty());
  EXPECT_EQ(run(messages.count()), 0);
  EXPECT_TRUE(run(stranger.tool_executions().list()).items.empty());
  EXPECT_EQ(error_of([&] {
              return run(messages.append(conversation.id, {test::StorageFixture::message("x")}));
            }).kind(),
            ErrorKind::invalid_argument);

  EXPECT_TRUE(run(stranger.embeddings().of_text(model, "message", message)).empty());
  EXPECT_EQ(run(stranger.embeddings().count()), 0);
  EXPECT_EQ(run(storage.messages().count()), 2) << "all is still there";
}

TEST_F(Tenants, TheSameIdsMayStandSideBySide) {
  NewConversation same;
  same.id = conversation.id;
  EXPECT_NO_THROW((void)run(stranger.conversations().create(same)));
  EXPECT_TRUE(run(stranger.conversations().purge(conversation.id)));
  EXPECT_EQ(run(storage.messages().count()), 2);
  EXPECT_EQ(run(storage.embeddings().count()), 1);
}

TEST_F(Tenants, ASqlTextThatForgetsTheTenantSeesOnlyItsOwn) {
  script(
      "insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id, "
      "tool_name,"
      " arguments) select tenant_id, id, 'c', conversation_id, 't', '{}' from messages limit 1");
  script(
      "insert into embedding_jobs (tenant_id, model_id, content_type, content_id)"
      " select tenant_id, 1, 'message', id from messages");
  pg::Pool nobody(runtime.executor(), options().pool);  // a role without any tenant
  for (const std::string table : {"conversations", "messages", "tool_executions", "embeddings",
                                  "embedding_jobs", "embeddings_1"}) {
    EXPECT_GT(seen_by(storage, table), 0) << table;
    EXPECT_EQ(seen_by(stranger, table), 0) << table;
    const std::string sql = "select count(*) from " + table;
    EXPECT_EQ(run(value<pg::type::Int8>(nobody, query(sql))), 0) << table;
  }
  EXPECT_EQ(run(ask(stranger.pool(), query("delete from messages"))).affected(), 0U);
  EXPECT_EQ(run(ask(stranger.pool(), query("update conversations set title = 'x'"))).affected(),
            0U);
}

TEST_F(Tenants, RowsOfAnotherCannotBeWritten) {
  const std::string mine = "'" + storage.tenant_id().str() + "'";
  EXPECT_EQ(refusal("insert into conversations (tenant_id, id, user_id) values (" + mine +
                    ", gen_random_uuid(), 'x')"),
            "42501");
}

TEST_F(Tenants, AReferenceCannotCrossFromOneToAnother) {
  const std::string theirs = "'" + stranger.tenant_id().str() + "'";
  EXPECT_EQ(
      refusal("insert into messages (tenant_id, id, conversation_id, seq, role, content) values (" +
              theirs + ", gen_random_uuid(), '" + conversation.id.str() + "', 3, 'user', 'x')"),
      "23503");
  NewConversation own;
  own.user_id = "eve";
  const auto there = run(stranger.conversations().create(own));
  NewMessage child = test::StorageFixture::message("x");
  child.parent_id = message;
  EXPECT_EQ(error_of([&] { return run(stranger.messages().append(there.id, {child})); }).sqlstate(),
            "23503");
}

TEST_F(Tenants, ASearchInTheNameOfAnotherIsRefused) {
  using Search = queries::SearchMessages;
  using Explain = queries::ExplainSearch;
  const Uuid mine = storage.tenant_id();
  EXPECT_EQ(run(storage.pool().run(search_of<Search>(mine), test::soon())).size(), 1U);
  EXPECT_TRUE(
      run(stranger.pool().run(search_of<Search>(stranger.tenant_id()), test::soon())).empty());
  const auto refused = [&](pg::Session& session, auto search) {
    return std::string(error_of([&] { return run(session.run(search, test::soon())); }).sqlstate());
  };
  EXPECT_TRUE(run(stranger.pool().run(search_of<Search>(mine), test::soon())).empty());
  EXPECT_EQ(refused(stranger.pool(), search_of<Explain>(mine)), "42501");
  const std::string call =
      "select * from search_messages('" + mine.str() +
      "', 'deadlock', null, null, null, null, null, null, null, 10, 10, 1, 1, 60, -1)";
  EXPECT_EQ(run(ask(storage.pool(), query(call))).rows(), 1U);
  EXPECT_EQ(refusal(call), "42501");
  pg::Pool nobody(runtime.executor(), options().pool);
  EXPECT_EQ(error_of([&] { return run(ask(nobody, query(call))); }).sqlstate(), "42501");
}

TEST_F(Tenants, TheRoleOfTheProgramCannotLookPastItsRows) {
  EXPECT_EQ(number("select count(*) from pg_roles where rolname = current_user"
                   " and (rolsuper or rolbypassrls or rolcreaterole)"),
            0);
  EXPECT_EQ(number("select count(*) from pg_class where relkind in ('r', 'p')"
                   " and relnamespace = current_schema()::regnamespace"
                   " and relname not in ('embedding_models', 'loci_secrets', 'schema_migrations',"
                   " 'vector_decisions', 'vector_indexes')"
                   " and not (relrowsecurity and relforcerowsecurity)"),
            0);
  EXPECT_EQ(number("select count(*) from pg_proc where prosecdef and proowner <> "
                   "'loci_search'::regrole and pronamespace = current_schema()::regnamespace"),
            0);
}

}  // namespace
}  // namespace loci::storage
