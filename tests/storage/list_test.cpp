// What lists show and hide, and where they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "storage/select_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using ::testing::ElementsAre;
namespace type = pg::type;

class Lists : public testing::Test, public test::SelectFixture {
protected:
  // Ids are 1, 2 ... in the last digit, and so are the minutes of the times.
  static Uuid id(int number) {
    return *Uuid::parse("00000000-0000-0000-0000-00000000000" + std::to_string(number));
  }
  static std::vector<Uuid> ids_of(const Page<Conversation>& page) {
    std::vector<Uuid> ids;
    for (const Conversation& each : page.items) ids.push_back(each.id);
    return ids;
  }

  void add_conversation(int number, const std::string& user, bool deleted = false,
                        const std::string& metadata = "{}") {
    sql<type::Uuid, type::Uuid, type::Text, type::Int4, type::Bool, type::Jsonb>(
        "insert into conversations (tenant_id, id, user_id, updated_at, deleted_at, metadata)"
        " values ($1, $2, $3, '2024-01-01'::timestamptz + $4 * interval '1 minute',"
        " case when $5 then now() end, $6)",
        tenant(), id(number), user, number, deleted, JsonText{metadata});
  }
  void add_message(int number, int conversation, const std::string& metadata = "{}") {
    sql<type::Uuid, type::Uuid, type::Uuid, type::Int8, type::Jsonb>(
        "insert into messages (tenant_id, id, conversation_id, seq, role, content, metadata)"
        " values ($1, $2, $3, $4, 'user', 'hello', $5)",
        tenant(), id(number), id(conversation), number, JsonText{metadata});
  }
  void add_call(int message, int conversation) {
    sql<type::Uuid, type::Uuid, type::Uuid>(
        "insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id,"
        " tool_name, arguments) values ($1, $2, 'call', $3, 'look', '{}')",
        tenant(), id(message), id(conversation));
  }
  void add_memory(int number, const std::string& user, const std::string& expires, bool pinned) {
    sql<type::Uuid, type::Uuid, type::Text, type::Text, type::Bool>(
        "insert into memories (tenant_id, id, user_id, kind, content, content_hash, expires_at,"
        " pinned) values ($1, $2, $3, 'semantic', $2::text, sha256($2::text::bytea),"
        " $4::timestamptz, $5)",
        tenant(), id(number), user, expires, pinned);
  }
};

TEST_F(Lists, DeletedConversationsAreShownToWhoAsks) {
  add_conversation(1, "ada");
  add_conversation(2, "ada", true);
  const auto listed = [&](Deleted deleted) {
    return ids_of(list<Conversation>(
        {}, {.order_by = {}, .descending = {}, .cursor = {}, .deleted = deleted}));
  };
  EXPECT_THAT(listed(Deleted::exclude), ElementsAre(id(1)));
  EXPECT_THAT(listed(Deleted::include), ElementsAre(id(2), id(1)));
  EXPECT_THAT(listed(Deleted::only), ElementsAre(id(2)));
  EXPECT_EQ(count<Conversation>(), 1);
}

TEST_F(Lists, WhatIsInADeletedConversationIsAsHiddenAsItIs) {
  add_conversation(1, "ada");
  add_conversation(2, "ada", true);
  add_message(3, 1);
  add_message(4, 2);
  add_call(3, 1);
  add_call(4, 2);
  EXPECT_EQ(list<Message>().items.size(), 1U);
  EXPECT_EQ(count<Message>(), 1);
  EXPECT_FALSE(any<Message>(MessageFields::id.eq(id(4))));
  EXPECT_EQ(list<ToolExecution>().items.size(), 1U);
  const ListOptions only{.order_by = {}, .descending = {}, .cursor = {}, .deleted = Deleted::only};
  EXPECT_EQ(list<Message>({}, only).items.at(0).id, id(4));
  EXPECT_EQ(list<ToolExecution>({}, only).items.at(0).message_id, id(4));
}

TEST_F(Lists, NothingIsEverADeletedTool) {
  sql<type::Uuid>(
      "insert into tools (tenant_id, id, name, tool_version, schema)"
      " values ($1, gen_random_uuid(), 'look', 1, '{}')",
      tenant());
  EXPECT_EQ(list<Tool>().items.size(), 1U);
  EXPECT_TRUE(
      list<Tool>({}, {.order_by = {}, .descending = {}, .cursor = {}, .deleted = Deleted::only})
          .items.empty());
}

TEST_F(Lists, ExpiredMemoriesAreHiddenUnlessPinned) {
  add_memory(1, "ada", "infinity", false);
  add_memory(2, "ada", "2020-01-01", false);
  add_memory(3, "ada", "2020-01-01", true);
  EXPECT_EQ(count<Memory>(), 2);
  EXPECT_FALSE(any<Memory>(MemoryFields::id.eq(id(2))));
}

TEST_F(Lists, AViewOfAUserHoldsNothingOfAnother) {
  add_conversation(1, "ada");
  add_conversation(2, "bob");
  add_message(3, 1);
  add_message(4, 2);
  add_call(3, 1);
  add_call(4, 2);
  add_memory(5, "ada", "infinity", false);
  add_memory(6, "bob", "infinity", false);
  Unit of_ada = unit();
  of_ada.user_id = "ada";
  const auto counted = [&]<class Record>(const Record*) {
    return run(count_matching<Record>(of_ada, {}, patience()));
  };
  EXPECT_EQ(counted(static_cast<const Conversation*>(nullptr)), 1);
  EXPECT_EQ(counted(static_cast<const Message*>(nullptr)), 1);
  EXPECT_EQ(counted(static_cast<const ToolExecution*>(nullptr)), 1);
  EXPECT_EQ(counted(static_cast<const Memory*>(nullptr)), 1);
  EXPECT_FALSE(
      run(any_matching<Conversation>(of_ada, ConversationFields::user_id.eq("bob"), patience())));
}

TEST_F(Lists, AViewOfAUserHoldsEmbeddingsOfTheirTextsAlone) {
  add_conversation(1, "ada");
  add_conversation(2, "bob");
  add_message(3, 1);
  add_message(4, 2);
  add_memory(5, "bob", "infinity", false);
  (void)number("select add_embedding_model('m', 2)::bigint");
  sql<type::Uuid>(
      "insert into embeddings (tenant_id, model_id, content_type, content_id, embedding,"
      " content_hash) select $1, m.id, t.kind, t.id, '[1,2]', ''"
      "  from embedding_models m, (select 'message', id from messages"
      "                            union all select 'memory', id from memories) t (kind, id)",
      tenant());
  EXPECT_EQ(count<Embedding>(), 3);
  Unit of_ada = unit();
  of_ada.user_id = "ada";
  const auto page = run(select_page<Embedding>(of_ada, {}, {}, patience()));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].content_id, id(3));
}

TEST_F(Lists, ThereIsACursorWhileThereIsMore) {
  for (int i = 1; i <= 4; ++i) add_conversation(i, "ada");
  ListOptions options{.order_by = {}, .descending = {}, .limit = 2, .cursor = {}};
  const auto first = list<Conversation>({}, options);
  EXPECT_THAT(ids_of(first), ElementsAre(id(4), id(3)));
  options.cursor = first.next;
  const auto second = list<Conversation>({}, options);
  EXPECT_THAT(ids_of(second), ElementsAre(id(2), id(1)));
  EXPECT_EQ(second.next, "");
}

TEST_F(Lists, PagesAreUnmovedByWhatIsInsertedBeforeThem) {
  for (int i = 1; i <= 4; ++i) add_conversation(i, "ada");
  ListOptions options{.order_by = {}, .descending = {}, .limit = 2, .cursor = {}};
  options.cursor = list<Conversation>({}, options).next;
  add_conversation(5, "ada");
  EXPECT_THAT(ids_of(list<Conversation>({}, options)), ElementsAre(id(2), id(1)));
}

TEST_F(Lists, AnOffsetSkips) {
  for (int i = 1; i <= 4; ++i) add_conversation(i, "ada");
  EXPECT_THAT(ids_of(list<Conversation>(
                  {}, {.order_by = {}, .descending = {}, .limit = 2, .cursor = {}, .offset = 1})),
              ElementsAre(id(3), id(2)));
}

TEST_F(Lists, OptionsThatAreNoneAreRefused) {
  const auto refused = [&](ListOptions options) {
    const Error error = error_of([&] { return list<Conversation>({}, std::move(options)); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return std::string(error.what());
  };
  const auto options = [](std::string order_by, std::int32_t limit, std::string cursor,
                          std::int64_t offset) {
    return ListOptions{.order_by = std::move(order_by),
                       .descending = {},
                       .limit = limit,
                       .cursor = std::move(cursor),
                       .offset = offset};
  };
  EXPECT_THAT(refused(options("", 0, "", 0)), testing::HasSubstr("limit"));
  EXPECT_THAT(refused(options("", 10'001, "", 0)), testing::HasSubstr("limit"));
  EXPECT_THAT(refused(options("", 1, "", -1)), testing::HasSubstr("offset"));
  EXPECT_THAT(refused(options("", 1, "abc", 1)), testing::HasSubstr("offset must be 0"));
  EXPECT_THAT(refused(options("", 1, "abc", 0)), testing::HasSubstr("cursor is damaged"));
  EXPECT_THAT(refused(options("titel", 1, "", 0)), testing::HasSubstr("the nearest is title"));
  EXPECT_THAT(refused(options("source", 1, "", 0)), testing::HasSubstr("always there"));
  EXPECT_THAT(refused(options("metadata", 1, "", 0)), testing::HasSubstr("no metadata"));
}

TEST_F(Lists, ACursorServesEveryProcessOfItsDatabase) {
  add_conversation(1, "ada");
  add_conversation(2, "ada");
  ListOptions options{.order_by = {}, .descending = {}, .limit = 1, .cursor = {}};
  options.cursor = list<Conversation>({}, options).next;
  CursorKey of_another_process("");
  Unit other = unit();
  other.cursor_key = &of_another_process;
  EXPECT_THAT(ids_of(run(select_page<Conversation>(other, {}, options, patience()))),
              ElementsAre(id(1)));
}

TEST_F(Lists, AskedForMetadataTheyStillShowAndHideTheSame) {
  add_conversation(1, "ada", false, R"({"lang": "de", "n": 1})");
  add_conversation(2, "ada", true, R"({"lang": "de"})");
  add_conversation(3, "bob", false, R"({"lang": "de", "n": 2})");
  add_conversation(4, "bob", false, R"({"lang": "en"})");
  const Filter german = metadata("lang").eq("de");
  EXPECT_THAT(ids_of(list<Conversation>(german)), ElementsAre(id(3), id(1)));
  EXPECT_THAT(ids_of(list<Conversation>(german && metadata("n").gt(std::int64_t{1}))),
              ElementsAre(id(3)));
  EXPECT_EQ(
      list<Conversation>(
          german, {.order_by = {}, .descending = {}, .cursor = {}, .deleted = Deleted::include})
          .items.size(),
      3U);
  EXPECT_EQ(count<Conversation>(german), 2);
}

TEST_F(Lists, AProbeForAnotherTenantIsRefused) {
  for (const std::string function : {"conversations_with", "messages_with", "memories_with"}) {
    const std::string call =
        "select * from " + function + "('00000000-0000-7000-8000-0000000000ff', '{}', 10)";
    EXPECT_EQ(error_of([&] { return run(test::ask(pool, test::query(call))); }).sqlstate(),
              "42501");
  }
}

TEST_F(Lists, TheKeyOfCursorsIsNotForTheRoleOfTheSearch) {
  EXPECT_EQ(
      number("select has_table_privilege('loci_search', 'loci_secrets', 'select')::int::bigint"),
      0);
}

TEST_F(Lists, TheMostImportantMemoriesDecay) {
  add_memory(1, "ada", "infinity", false);
  add_memory(2, "ada", "infinity", false);
  add_memory(3, "ada", "infinity", true);
  add_memory(4, "ada", "infinity", false);
  sql("update memories set importance = 0.9, created_at = now() - interval '10 days' where id = '" +
      id(1).str() + "'");
  sql("update memories set importance = 0.8, created_at = now() - interval '10 days',"
      " last_accessed_at = now() where id = '" +
      id(2).str() + "'");
  sql("update memories set importance = 0.3, created_at = now() - interval '900 days' where id = "
      "'" +
      id(3).str() + "'");
  sql("update memories set valid_to = valid_from where id = '" + id(4).str() + "'");
  const auto listed = [&](std::chrono::seconds half_life) {
    std::vector<Uuid> ids;
    for (const Memory& memory : run(select_most_important(unit(), {}, 10, half_life, patience()))) {
      ids.push_back(memory.id);
    }
    return ids;
  };
  EXPECT_THAT(listed(std::chrono::days(5)), ElementsAre(id(2), id(3), id(1)));
  EXPECT_THAT(listed(std::chrono::seconds(0)), ElementsAre(id(1), id(2), id(3)));
  EXPECT_THAT(listed(std::chrono::seconds(1)), ElementsAre(id(2), id(3), id(1)));
}

class Titles : public Lists {
protected:
  void add(int number, const std::string& title, const std::string& user = "ada") {
    add_conversation(number, user);
    sql<type::Text, type::Uuid>("update conversations set title = $1 where id = $2", title,
                                id(number));
  }
  std::vector<int> found(const std::string& words, const std::string& user = "") {
    const pg::Result rows = run(test::ask(
        pool,
        test::query<type::Uuid, type::Text, type::Text>(
            "select right(w::text, 1)::int from conversations_titled($1, $2, nullif($3, ''), 10) w",
            tenant(), words, user)));
    std::vector<int> numbers;
    for (std::size_t i = 0; i < rows.rows(); ++i) numbers.push_back(rows.row(i).get<type::Int4>(0));
    return numbers;
  }
};

TEST_F(Titles, HoldEveryWordTheLastPerhapsBegun) {
  add(1, "Fix the deadlock in main.cpp");
  add(2, "Deadlocks, and how to love them");
  EXPECT_THAT(found("deadlock"), ElementsAre(2, 1));
  EXPECT_THAT(found("DEADLOCK fix"), ElementsAre(1));
  EXPECT_THAT(found("dead lov"), ElementsAre());
  EXPECT_THAT(found("deadlocks lov"), ElementsAre(2));
  EXPECT_THAT(found("cpp main"), ElementsAre(1));
  EXPECT_THAT(found("main.c"), ElementsAre(1));
  EXPECT_THAT(found("  "), ElementsAre());
}

TEST_F(Titles, AreReadInEveryScript) {
  add(1, "\u00dcBER Stra\u00dfen");
  add(2, "\u65e5\u672c\u8a9e\u306e\u30c6\u30b9\u30c8");
  EXPECT_THAT(found("\u00fcber"), ElementsAre(1));
  EXPECT_THAT(found("\u65e5\u672c"), ElementsAre(2));
}

TEST_F(Titles, OfAnotherUserOrDeletedAreNotFound) {
  add(1, "Plans");
  add(2, "Plans", "bob");
  add(3, "Plans");
  sql("update conversations set deleted_at = now() where id = '" + id(3).str() + "'");
  EXPECT_THAT(found("plans"), ElementsAre(2, 1));
  EXPECT_THAT(found("plans", "ada"), ElementsAre(1));
}

TEST_F(Titles, AnyTextIsJustWords) {
  add(1, "it's 100% \\ | & ! ( ) : * <-> done");
  for (const char* words : {"it's", "'", "100% & !done", "a | it", ":* <-> 'done'", "\\"}) {
    EXPECT_NO_THROW((void)found(words)) << words;
  }
  EXPECT_THAT(found("100 & done:*"), ElementsAre(1));
}

TEST_F(Titles, OfOneEndlessWordAreStored) {
  std::string endless;
  for (int i = 0; i < 1300; ++i) endless += "\u65e5";
  add(1, endless);
  EXPECT_THAT(found(endless.substr(0, 900)), ElementsAre(1));
}

}  // namespace
}  // namespace loci::storage
