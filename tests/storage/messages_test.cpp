#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <format>
#include <future>
#include <random>
#include <set>

#include "support/partitioned_schema.hpp"
#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using testing::ElementsAre;

struct Messages : testing::Test, test::StorageFixture {
  Messages() : StorageFixture(4), conversation(talk({})) {}

  MessageRepository& messages() { return storage.messages(); }
  std::vector<Message> append(std::vector<NewMessage> made) {
    return run(messages().append(conversation.id, std::move(made)));
  }
  Message append(std::string content, std::optional<Uuid> parent = {}) {
    NewMessage made = message(std::move(content));
    made.parent_id = parent;
    return append(std::vector{made}).at(0);
  }
  ErrorKind refusal(const std::function<void(NewMessage&)>& spoil) {
    NewMessage bad = message("fine");
    spoil(bad);
    return error_of([&] { return append(std::vector{message("fine"), bad}); }).kind();
  }

  Conversation conversation;
};

Filter in(Uuid conversation) {
  return MessageFields::conversation_id.eq(conversation);
}

std::vector<std::string> contents(const std::vector<Message>& messages) {
  std::vector<std::string> all;
  for (const Message& each : messages) all.push_back(each.content);
  return all;
}

// Words that differ, `bytes` of them.
std::string distinct_words(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::format("w{:x} ", i * 7919);
  return text;
}

TEST_F(Messages, WhatIsAppendedIsReadBackToTheByte) {
  NewMessage made = message("Grüße\n\t🦆\x02", "assistant");
  made.id = Uuid::v7();
  made.parts = JsonText{R"( [ {"b":1.50,"a":1E+2,"b":"\u0000\ud800 \/"} , -0 ] )"};
  made.model = "m-1";
  made.metadata = {R"({"n": 1.10})"};
  made.source_id = "s-1";
  made.created_at = *parse_timestamp("1999-12-31T23:59:59.999999Z");
  append({made});
  const Message read = run(messages().get(*made.id)).value();
  EXPECT_EQ(read.conversation_id, conversation.id);
  EXPECT_EQ(read.seq, 1);
  EXPECT_FALSE(read.parent_id);
  EXPECT_EQ(read.role, "assistant");
  EXPECT_EQ(read.content, made.content);
  EXPECT_EQ(read.parts.value().text, made.parts->text);
  EXPECT_EQ(read.model, "m-1");
  EXPECT_EQ(read.metadata.text, R"({"n": 1.10})");
  EXPECT_EQ(read.source_id, "s-1");
  EXPECT_EQ(read.created_at, *made.created_at);
}

TEST_F(Messages, EachFollowsTheOneBeforeUnlessItSaysOtherwise) {
  const auto first = append({message("a"), message("b"), message("c")});
  EXPECT_EQ(first[1].parent_id, first[0].id);
  EXPECT_EQ(first[2].parent_id, first[1].id);
  const Message edit = append("b2", first[0].id);
  const Message next = append("c2");
  EXPECT_EQ(next.parent_id, edit.id) << "the current leaf is the message appended last";
  EXPECT_EQ(next.seq, 5);

  EXPECT_THAT(contents(run(messages().path(first[2].id))), ElementsAre("a", "b", "c"));
  EXPECT_THAT(contents(run(messages().path(next.id))), ElementsAre("a", "b2", "c2"));
  EXPECT_TRUE(run(messages().path(Uuid::v7())).empty());
  const Conversation now = run(storage.conversations().get(conversation.id)).value();
  EXPECT_EQ(now.current_leaf_id, next.id);
  EXPECT_EQ(now.last_seq, 5);
}

TEST_F(Messages, AreListedInOrderPageByPage) {
  append({message("1"), message("2"), message("3"), message("4"), message("5")});
  EXPECT_THAT(contents(run(messages().after(conversation.id, 0, 2))), ElementsAre("1", "2"));
  EXPECT_THAT(contents(run(messages().after(conversation.id, 2, 2))), ElementsAre("3", "4"));
  EXPECT_THAT(contents(run(messages().after(conversation.id, 4, 2))), ElementsAre("5"));
  EXPECT_TRUE(run(messages().after(conversation.id, 5, 2)).empty());
  EXPECT_THAT(contents(run(messages().latest(conversation.id, 2))), ElementsAre("5", "4"));
  talk({"elsewhere"});
  EXPECT_EQ(run(messages().count(in(conversation.id))), 5);
  EXPECT_EQ(run(messages().count()), 6);
}

TEST_F(Messages, TwoHundredAppendersAtOnceLeaveNoGapAndNoDouble) {
  const auto appender = [](Messages& self, int n) -> Task<int> {
    std::vector<NewMessage> two{message(std::format("{} 1", n)), message(std::format("{} 2", n))};
    (void)co_await self.messages().append(self.conversation.id, std::move(two));
    co_return n;
  };
  std::vector<std::future<int>> appenders;
  for (int n = 0; n < 200; ++n) {
    appenders.push_back(
        boost::asio::co_spawn(runtime.executor(), appender(*this, n), boost::asio::use_future));
  }
  for (auto& each : appenders) each.get();

  const auto all = run(messages().after(conversation.id, 0, 1000));
  ASSERT_EQ(all.size(), 400U);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].seq, static_cast<std::int64_t>(i) + 1);
    EXPECT_TRUE(i == 0 || all[i].parent_id == all[i - 1].id);
    seen.insert(all[i].content);
  }
  EXPECT_EQ(seen.size(), 400U);
  const Conversation after = run(storage.conversations().get(conversation.id)).value();
  EXPECT_EQ(after.last_seq, 400);
  EXPECT_EQ(after.current_leaf_id, all.back().id);
  EXPECT_EQ(after.version, conversation.version + 200);
}

// Each batch names the conversations in another order: their locks are taken in one all the same.
TEST_F(Messages, BatchesOverSeveralConversationsAtOnceDoNotDeadlock) {
  std::vector<Uuid> talks;
  for (int i = 0; i < 5; ++i) talks.push_back(talk({}).id);
  const auto creator = [](Messages& self, std::vector<Uuid> into) -> Task<int> {
    for (int i = 0; i < 10; ++i) {
      std::vector<NewMessage> batch;
      for (const Uuid& each : into) {
        batch.push_back(message("x"));
        batch.back().conversation_id = each;
      }
      (void)co_await self.messages().create_batch(std::move(batch));
    }
    co_return 0;
  };
  std::vector<std::future<int>> creators;
  for (int n = 0; n < 8; ++n) {
    std::ranges::rotate(talks, talks.begin() + 1);
    if (n % 2 == 0) std::ranges::reverse(talks);
    creators.push_back(
        boost::asio::co_spawn(runtime.executor(), creator(*this, talks), boost::asio::use_future));
  }
  for (auto& each : creators) each.get();
  for (const Uuid& each : talks) {
    const auto all = run(messages().after(each, 0, 1000));
    ASSERT_EQ(all.size(), 80U);
    EXPECT_EQ(all.back().seq, 80);
  }
}

TEST_F(Messages, ABatchGoesInWholeOrNotAtAll) {
  const Message first = append("first");
  NewMessage again = message("again");
  again.id = first.id;
  EXPECT_EQ(error_of([&] { return append({message("new"), again}); }).sqlstate(), "23505");
  NewMessage orphan = message("orphan");
  orphan.parent_id = Uuid::v7();
  EXPECT_EQ(error_of([&] { return append({orphan}); }).sqlstate(), "23503");
  EXPECT_EQ(run(messages().count()), 1);
  EXPECT_EQ(append("second").seq, 2);
  EXPECT_TRUE(append(std::vector<NewMessage>{}).empty());
}

TEST_F(Messages, AParentStandsInTheSameConversation) {
  const Message mine = append("mine");
  const Conversation other = talk({});
  NewMessage stray = message("stray");
  stray.parent_id = mine.id;
  const Error error = error_of([&] { return run(messages().append(other.id, {stray})); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(error.what(), testing::HasSubstr(mine.id.str()));
  EXPECT_EQ(run(messages().count(in(other.id))), 0);
  // Naming one of the same batch is no stranger's business.
  NewMessage first = message("first");
  first.id = Uuid::v7();
  NewMessage second = message("second");
  second.parent_id = first.id;
  EXPECT_EQ(run(messages().append(other.id, {first, second})).size(), 2U);
}

// A session keeps the plan of its parent checks: the one it makes while there are no statistics
// must be good for what the table becomes.
TEST_F(Messages, ParentsAreLookedUpByTheirIdAlsoWithoutStatistics) {
  if (test::on_partitioned_schema()) GTEST_SKIP() << "one table has autovacuum to switch off";
  script("alter table messages set (autovacuum_enabled = off)");
  const Message root = append("root");
  script(std::format(
      "do $$ begin for i in 1..2000 loop"
      "  insert into messages (tenant_id, id, conversation_id, seq, parent_id, role, content)"
      "  select tenant_id, gen_random_uuid(), conversation_id, i + 1, id, 'user', 'a child'"
      "    from messages where tenant_id = loci_tenant() and id = '{}'; end loop; end $$;"
      "select pg_stat_force_next_flush()",
      root.id.str()));
  EXPECT_LT(number("select sum(idx_tup_read)::bigint from pg_stat_user_indexes"
                   " where relname = 'messages'"),
            10000);
}

TEST_F(Messages, AConversationThatIsNotThereTakesNone) {
  const auto append_to = [&](Uuid id) {
    return error_of([&] { return run(messages().append(id, {message("x")})); }).kind();
  };
  EXPECT_EQ(append_to(Uuid::v7()), ErrorKind::invalid_argument);
  ASSERT_TRUE(run(storage.conversations().erase(conversation.id)));
  EXPECT_EQ(append_to(conversation.id), ErrorKind::invalid_argument);
}

TEST_F(Messages, WhatPostgresWouldRefuseIsAnInvalidArgument) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xc3")}) {
    EXPECT_EQ(refusal([&](auto& m) { m.content = bad; }), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal([&](auto& m) { m.model = bad; }), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal([&](auto& m) { m.source_id = bad; }), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal([&](auto& m) { m.role = bad; }), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal([&](auto& m) { m.parts = JsonText{"\"" + bad + "\""}; }),
              ErrorKind::invalid_argument);
  }
  EXPECT_EQ(refusal([](auto& m) { m.role = "robot"; }), ErrorKind::invalid_argument);
  EXPECT_EQ(refusal([](auto& m) { m.parts = JsonText{"[1,"}; }), ErrorKind::invalid_argument);
  EXPECT_EQ(refusal([](auto& m) { m.metadata.text = "[]"; }), ErrorKind::invalid_argument);
  EXPECT_EQ(run(messages().count()), 0);
}

TEST_F(Messages, AChangedTextIsQueuedForEmbeddingAgain) {
  (void)run(storage.embeddings().add_model("m", 2));
  const Message made = append("old");
  script("delete from embedding_jobs");
  EXPECT_TRUE(run(messages().update(made.id, {.metadata = JsonText{R"({"a": 1})"}})));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 0) << "the text is the same";
  EXPECT_TRUE(run(messages().update(made.id, {.content = "new"})));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
}

// The foreign key of parents is checked when the statement ends: it sees children of others.
TEST_F(Messages, ErasingWaitsForThoseWhoAnswer) {
  const Message first = append("first");
  const auto answering = run(storage.begin());
  const auto answer = run(answering->messages().append(conversation.id, {message("answer")}));
  ASSERT_EQ(answer.at(0).parent_id, first.id);
  auto erased = boost::asio::co_spawn(runtime.executor(), messages().erase(first.id),
                                      boost::asio::use_future);
  ASSERT_TRUE(test::eventually([&] {
    return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1;
  }));
  run(answering->commit());
  EXPECT_TRUE(erased.get());
  EXPECT_FALSE(run(messages().get(answer.at(0).id)).value().parent_id);
}

TEST_F(Messages, TenMegabytesAreKeptWhole) {
  std::string large;
  std::mt19937 random(7);
  while (large.size() < 10'000'000) large += std::format("{:x}\n", random());
  const Message made = append(large);
  EXPECT_TRUE(run(messages().get(made.id)).value().content == large);
}

// A tsvector holds at most 1 MB of lexemes; such a text must not be refused for it.
TEST_F(Messages, ATextOfAMillionDifferentWordsIsStored) {
  std::string wide;  // four bytes a letter
  for (char32_t i = 0; i < 60'000; ++i) {
    const char32_t c = 0x20000 + i % 40'000;
    wide += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
             static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63)), ' '};
  }
  std::string links;
  for (int i = 0; links.size() < 200'000; ++i) links += std::format("h{0}.com/p{0}/q-{0}-r ", i);
  std::string hyphens;
  for (int i = 0; hyphens.size() < 200'000; ++i) hyphens += std::format("a{0}-b{0}-c{0} ", i);
  for (const std::string& text : {distinct_words(3'000'000), wide, links, hyphens}) {
    EXPECT_NO_THROW(append(text));
  }
  EXPECT_EQ(run(messages().count()), 4);
}

// A parent that is committed while its child waits for the conversation's lock.
TEST_F(Messages, WithAParentThatIsStoredElsewhereMeanwhileAreRefused) {
  const auto outcome_with_parent_in = [&](const Uuid& home) {
    const auto holder = run(storage.begin());
    (void)run(holder->messages().append(conversation.id, {message("first")}));
    NewMessage parent = message("parent");
    parent.id = Uuid::v7();
    NewMessage child = message("child");
    child.parent_id = parent.id;
    auto waiting = boost::asio::co_spawn(
        runtime.executor(), messages().append(conversation.id, {child}), boost::asio::use_future);
    EXPECT_TRUE(test::eventually([&] {
      return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1;
    }));
    if (home == conversation.id) {
      (void)run(holder->messages().append(home, {parent}));
    } else {
      (void)run(messages().append(home, {parent}));
    }
    run(holder->commit());
    try {
      (void)waiting.get();
    } catch (const Error& error) {
      return std::string(to_string(error.kind()));
    }
    return std::string("stored");
  };
  EXPECT_EQ(outcome_with_parent_in(talk({}).id), "invalid argument");
  EXPECT_EQ(outcome_with_parent_in(conversation.id), "stored");
}

// Whoever wrote a circle past Loci does not make a read endless.
TEST_F(Messages, ThatStandInACircleEndTheirBranch) {
  const auto said = append(std::vector{message("a"), message("b"), message("c")});
  script("update messages set parent_id = '" + said[2].id.str() + "' where id = '" +
         said[0].id.str() + "'");
  EXPECT_EQ(run(messages().path(said[2].id)).size(), 3U);
  EXPECT_EQ(run(messages().context(conversation.id, 100)).size(), 3U);
}

}  // namespace
}  // namespace loci::storage
