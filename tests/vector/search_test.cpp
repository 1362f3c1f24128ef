#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <loci/vector/search.hpp>
#include <random>
#include <set>

#include "support/storage_fixture.hpp"

namespace loci::vector {
namespace {

using storage::Message;
using storage::NewMessage;
using test::error_of;
using testing::HasSubstr;

SearchQuery words(std::string text) {
  SearchQuery query;
  query.text = std::move(text);
  return query;
}

struct Searches : testing::Test, test::StorageFixture {
  std::vector<SearchHit> find(SearchQuery query) { return run(search(storage, std::move(query))); }
  std::vector<SearchHit> find(std::string text) { return find(words(std::move(text))); }
  // The content of each hit, best first.
  std::vector<std::string> texts(SearchQuery query) {
    std::vector<std::string> all;
    for (const SearchHit& hit : find(std::move(query))) {
      all.push_back(run(storage.messages().get(hit.message_id)).value().content);
    }
    return all;
  }
};

TEST_F(Searches, AnyOfTheWordsWillDo) {
  talk({"the deadlock was in the pool", "we fixed the leak", "lunch at noon"});
  EXPECT_THAT(texts(words("how did I fix the deadlock?")),
              testing::UnorderedElementsAre("the deadlock was in the pool", "we fixed the leak"));
}

TEST_F(Searches, ARareWordCountsForMoreThanACommonOne) {
  std::vector<std::string> all{"the mutex is here"};
  for (int i = 0; i < 50; ++i) all.push_back(std::format("server number {}", i));
  talk(all);
  const auto found = texts(words("server mutex"));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0], "the mutex is here");
}

TEST_F(Searches, AHitTellsWhereItWasAndShowsTheMatch) {
  const auto conversation = talk({"Hello", "Try a smaller batch size first."}, "ann", "Tuning");
  const auto hits = find("batch");
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].conversation_id, conversation.id);
  EXPECT_EQ(hits[0].conversation_title, "Tuning");
  EXPECT_EQ(hits[0].role, "assistant");
  EXPECT_EQ(hits[0].seq, 2);
  EXPECT_EQ(hits[0].text_rank, 1);
  EXPECT_GT(hits[0].text_score.value(), 0);
  EXPECT_FALSE(hits[0].vector_rank);
  EXPECT_DOUBLE_EQ(hits[0].score, 1.0 / 61);
  EXPECT_THAT(hits[0].snippet, HasSubstr("\x02"
                                         "batch\x03"));
}

TEST_F(Searches, MarksInAMessageAreNotTakenForMatches) {
  talk(
      {"a \x02"
       "forged\x03 mark beside the batch"});
  const auto hits = find("batch");
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(std::ranges::count(hits[0].snippet, '\x02'), 1);
}

TEST_F(Searches, ErasedConversationsNeverAppear) {
  const auto gone = talk({"the deadlock"});
  const auto model = run(storage.embeddings().add_model("m", 2));
  storage::NewEmbedding vector;
  vector.model_id = model.id;
  vector.content_id = run(storage.messages().latest(gone.id, 1)).at(0).id;
  vector.embedding = {{1, 0}};
  run(storage.embeddings().store({vector}));
  SearchQuery query = words("deadlock");
  query.vector = Vector{{1, 0}};
  query.model_id = model.id;
  ASSERT_EQ(find(query).size(), 1U);
  ASSERT_TRUE(run(storage.conversations().erase(gone.id)));
  EXPECT_TRUE(find(query).empty());
}

TEST_F(Searches, WhatCannotBeAskedIsRefusedBeforeAnythingIsSent) {
  for (const char* blank : {"", "  \t\n"}) {
    EXPECT_EQ(error_of([&] { return find(blank); }).kind(), ErrorKind::invalid_argument);
  }
  for (const int limit : {0, -1, 1001}) {
    SearchQuery query = words("x");
    query.limit = limit;
    EXPECT_EQ(error_of([&] { return find(query); }).kind(), ErrorKind::invalid_argument);
  }
  SearchQuery nowhere = words("x");
  nowhere.vector = Vector{{0, 0}};
  EXPECT_EQ(error_of([&] { return find(nowhere); }).kind(), ErrorKind::invalid_argument);
}

TEST_F(Searches, OnlyStopWordsLeaveTheVectorsAlone) {
  const auto conversation = talk({"to be or not to be"});
  EXPECT_TRUE(find("to be or not").empty());
  const auto model = run(storage.embeddings().add_model("m", 2));
  storage::NewEmbedding vector;
  vector.model_id = model.id;
  vector.content_id = run(storage.messages().latest(conversation.id, 1)).at(0).id;
  vector.embedding = {{1, 0}};
  run(storage.embeddings().store({vector}));
  SearchQuery query = words("to be or not");
  query.vector = Vector{{1, 1}};
  query.model_id = model.id;
  const auto hits = find(query);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_FALSE(hits[0].text_rank);
  EXPECT_EQ(hits[0].vector_rank, 1);
  EXPECT_NEAR(hits[0].similarity.value(), std::sqrt(0.5), 1e-6);
}

TEST_F(Searches, BothArmsTogetherRankWhatBothFindFirst) {
  const auto conversation = talk({"lock order", "lock", "order of chairs"});
  const auto messages = run(storage.messages().after(conversation.id, 0, 3));
  const auto model = run(storage.embeddings().add_model("m", 2));
  const auto vector = [&](std::size_t i, float x, float y, std::int32_t chunk) {
    storage::NewEmbedding made;
    made.model_id = model.id;
    made.content_id = messages[i].id;
    made.embedding = {{x, y}};
    made.chunk = chunk;
    return made;
  };
  run(storage.embeddings().store(
      {vector(0, 0.9F, 0.1F, 0), vector(0, 1, 0, 1), vector(1, 0, 1, 0)}));
  SearchQuery query = words("lock order");
  query.vector = Vector{{1, 0}};
  query.model_id = model.id;
  const auto hits = find(query);
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0].message_id, messages[0].id);
  EXPECT_EQ(hits[0].vector_rank, 1);
  EXPECT_NEAR(hits[0].similarity.value(), 1, 1e-6) << "of its best chunk";
  EXPECT_DOUBLE_EQ(hits[0].score, 2.0 / 61);
}

// Every combination of filters against what a plain loop over the same messages finds.
TEST_F(Searches, WhatIsLessSimilarThanAskedIsLeftOutOfTheVectorsArmAlone) {
  const auto conversation = talk({"lock order", "lock", "chairs"});
  const auto messages = run(storage.messages().after(conversation.id, 0, 3));
  const auto model = run(storage.embeddings().add_model("m", 2));
  std::vector<storage::NewEmbedding> vectors;
  for (const auto& [i, x, y] : {std::tuple(0U, 1.0F, 0.0F), {1U, 0.6F, 0.8F}, {2U, 0.0F, 1.0F}}) {
    storage::NewEmbedding made;
    made.model_id = model.id;
    made.content_id = messages[i].id;
    made.embedding = {{x, y}};
    vectors.push_back(std::move(made));
  }
  run(storage.embeddings().store(std::move(vectors)));
  SearchQuery query = words("lock");
  query.vector = Vector{{1, 0}};
  query.model_id = model.id;
  EXPECT_EQ(find(query).size(), 3U);
  query.min_similarity = 0.5;
  EXPECT_EQ(find(query).size(), 2U);
  query.min_similarity = 0.7;
  const auto hits = find(query);
  ASSERT_EQ(hits.size(), 2U) << "its word is there";
  EXPECT_EQ(hits[0].message_id, messages[0].id);
  EXPECT_EQ(hits[1].message_id, messages[1].id);
  EXPECT_FALSE(hits[1].vector_rank);
  for (const double bad : {-1.1, 1.1, std::nan("")}) {
    query.min_similarity = bad;
    EXPECT_EQ(error_of([&] { return find(query); }).kind(), ErrorKind::invalid_argument);
  }
}

TEST_F(Searches, FiltersAloneAndTogetherGiveWhatALoopGives) {
  struct Known {
    Message message;
    std::string user;
  };
  std::vector<Known> all;
  const Timestamp start = *parse_timestamp("2024-01-01");
  std::mt19937 random(11);
  std::vector<Uuid> conversations;
  for (int c = 0; c < 6; ++c) {
    const std::string user = c % 2 == 0 ? "ann" : "bob";
    conversations.push_back(talk({}, user).id);
    std::vector<NewMessage> made;
    for (int i = 0; i < 40; ++i) {
      NewMessage each = message(random() % 2 == 0 ? "about a needle" : "about hay",
                                random() % 2 == 0 ? "user" : "tool");
      each.created_at = start + std::chrono::hours(random() % 100);
      made.push_back(each);
    }
    for (Message& each : run(storage.messages().append(conversations.back(), made))) {
      all.push_back({std::move(each), user});
    }
  }
  for (unsigned mask = 0; mask < 32; ++mask) {
    SearchQuery query = words("needle");
    query.limit = 1000;
    if (mask & 1U) query.user = "ann";
    if (mask & 2U) query.role = "tool";
    if (mask & 4U) query.since = start + std::chrono::hours(30);
    if (mask & 8U) query.until = start + std::chrono::hours(60);
    if (mask & 16U) query.conversation = conversations[2];
    std::set<Uuid> expected;
    for (const auto& [each, user] : all) {
      if (each.content != "about a needle" || (query.user && user != *query.user) ||
          (query.role && each.role != *query.role) ||
          (query.since && each.created_at < *query.since) ||
          (query.until && each.created_at >= *query.until) ||
          (query.conversation && each.conversation_id != *query.conversation)) {
        continue;
      }
      expected.insert(each.id);
    }
    std::set<Uuid> found;
    for (const SearchHit& hit : find(query)) found.insert(hit.message_id);
    EXPECT_EQ(found, expected) << "filters " << mask;
    EXPECT_FALSE(expected.empty());
  }
}

TEST_F(Searches, NoQuestionBreaksTheSearch) {
  talk({R"(a 'quoted' "word" and a \ backslash)", "an emoji 🦆 duck"});
  for (const std::string& text : std::vector<std::string>{"'",
                                                          "''",
                                                          "\"",
                                                          "\\",
                                                          "\\'",
                                                          "'\\''",
                                                          "E'\\x02'",
                                                          "\x02quoted\x03",
                                                          "🦆",
                                                          "a & b | !c",
                                                          "quoted:* & (word",
                                                          "!!!",
                                                          "(((",
                                                          ":::",
                                                          "<->",
                                                          "word <2> backslash",
                                                          "%",
                                                          "_",
                                                          "$1",
                                                          "$$",
                                                          "'; drop table messages; --",
                                                          "' or 1=1 --",
                                                          "quoted' || pg_sleep(10) || '",
                                                          "http://x.com/a'b\\c?d=%27",
                                                          "a-b-c'd",
                                                          "/etc/pass'wd\\x",
                                                          "it's o'clock",
                                                          "\xff\xfe",
                                                          std::string("nul\0nul", 7),
                                                          "<b>tag's</b>",
                                                          "e'mail@x.com",
                                                          "1e400 -5 0x1f"}) {
    EXPECT_NO_THROW((void)find(text)) << text;
    EXPECT_NO_THROW((void)run(explain_search(storage, words(text)))) << text;
  }
  EXPECT_EQ(find("quoted").size(), 1U);
  EXPECT_EQ(find("🦆 duck").size(), 1U);
  SearchQuery injected = words("quoted");
  injected.user = "ann' or '1'='1";
  EXPECT_TRUE(find(injected).empty());
  injected.user = {};
  injected.role = "user'; drop table messages; --";
  EXPECT_TRUE(find(injected).empty());
  EXPECT_EQ(run(storage.messages().count()), 2);
}

TEST_F(Searches, AVeryLongQuestionIsAnswered) {
  std::vector<std::string> all{"the needle"};
  for (int i = 0; i < 300; ++i) all.push_back(std::format("w{:x} w{:x}", i, i * 31));
  talk(all);
  std::string question = "needle ";
  for (int i = 0; question.size() < 100'000; ++i) question += std::format("w{:x} ", i);
  SearchQuery query = words(question);
  query.limit = 1000;
  EXPECT_THAT(texts(query), testing::Contains("the needle"));
  EXPECT_NO_THROW((void)find(std::string(3'000'000, 'x') + " needle"));
}

}  // namespace
}  // namespace loci::vector
