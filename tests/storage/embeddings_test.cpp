#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <future>
#include <limits>
#include <set>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;

struct Embeddings : testing::Test, test::StorageFixture {
  EmbeddingRepository& embeddings() { return storage.embeddings(); }
  EmbeddingModel add(std::string name, std::int32_t dimensions) {
    return run(embeddings().add_model(std::move(name), dimensions));
  }
  static NewEmbedding vector(std::int32_t model, Uuid id, std::vector<float> values,
                             std::int32_t chunk = 0) {
    NewEmbedding made;
    made.model_id = model;
    made.content_id = id;
    made.chunk = chunk;
    made.embedding = {std::move(values)};
    made.content_hash = std::string("\0\x01\xff", 3);
    return made;
  }
  // A message to store vectors of.
  Uuid text_id() { return run(storage.messages().latest(talk({"a text"}).id, 1)).at(0).id; }
  Error refusal(std::int32_t model, NewEmbedding bad) {
    return error_of([&]() -> bool {
      std::vector<NewEmbedding> all{vector(model, text_id(), {1, 2, 3}), bad};
      return run(embeddings().store(std::move(all))), true;
    });
  }
};

TEST_F(Embeddings, AModelIsKnownByItsNameAndTheFirstIsActive) {
  EXPECT_FALSE(run(embeddings().active_model()));
  const EmbeddingModel first = add("hashing-v1-3", 3);
  const EmbeddingModel again = add("hashing-v1-3", 3);
  const EmbeddingModel other = add("other", 5);
  EXPECT_EQ(again.id, first.id);
  EXPECT_NE(other.id, first.id);
  const auto active = run(embeddings().active_model()).value();
  EXPECT_EQ(active.id, first.id);
  EXPECT_EQ(active.name, "hashing-v1-3");
  EXPECT_EQ(active.dimensions, 3);
}

TEST_F(Embeddings, AKnownNameWithOtherDimensionsIsRefusedWithAdvice) {
  add("m", 3);
  const Error error = error_of([&] { return add("m", 4); });
  EXPECT_EQ(error.sqlstate(), "22023");
  ASSERT_NE(error.server(), nullptr);
  EXPECT_THAT(error.server()->hint, testing::HasSubstr("another name"));
  EXPECT_EQ(error_of([&] { return add("none", 0); }).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(add("m", 3).dimensions, 3);
}

TEST_F(Embeddings, ManyWhoAddTheSameModelAtOnceGetTheSameOne) {
  Runtime many(4);
  std::vector<std::future<std::int32_t>> adders;
  const auto adder = [](EmbeddingRepository& repository) -> Task<std::int32_t> {
    co_return (co_await repository.add_model("m", 3)).id;
  };
  for (int i = 0; i < 8; ++i) {
    adders.push_back(
        boost::asio::co_spawn(many.executor(), adder(embeddings()), boost::asio::use_future));
  }
  std::set<std::int32_t> ids;
  for (auto& each : adders) ids.insert(each.get());
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(number("select count(*) from embedding_models"), 1);
}

TEST_F(Embeddings, AreStoredReplacedAndReadInOrder) {
  const auto model = add("m", 3);
  const Uuid id = text_id();
  run(embeddings().store({vector(model.id, id, {4, 5, 6}, 1), vector(model.id, id, {1, 2, 3})}));
  run(embeddings().store({vector(model.id, id, {-7, 8.5F, 9}, 1)}));
  const auto read = run(embeddings().of_text(model.id, "message", id));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].embedding, (Vector{{1, 2, 3}}));
  EXPECT_EQ(read[1].embedding, (Vector{{-7, 8.5F, 9}}));
  EXPECT_EQ(read[1].chunk, 1);
  EXPECT_EQ(read[1].content_hash, std::string("\0\x01\xff", 3));
  EXPECT_EQ(run(embeddings().count(EmbeddingFields::model_id.eq(model.id))), 2);
  EXPECT_TRUE(run(embeddings().of_text(model.id, "memory", id)).empty());
  run(embeddings().store({}));
}

TEST_F(Embeddings, VectorsThatDoNotBelongAreRefusedAllOrNone) {
  const auto model = add("m", 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Uuid id = text_id();
  EXPECT_EQ(refusal(model.id, vector(model.id, id, {1, 2})).sqlstate(), "23514") << "dimensions";
  EXPECT_EQ(refusal(model.id, vector(model.id, id, {1, nan, 2})).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(refusal(model.id, vector(model.id, id, {1, INFINITY, 2})).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(refusal(model.id, vector(model.id, id, {})).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(refusal(model.id, vector(model.id + 1, id, {1, 2, 3})).kind(), ErrorKind::server)
      << "no model";
  EXPECT_EQ(refusal(model.id, vector(model.id, id, {0, 0, 0})).kind(), ErrorKind::invalid_argument);
  NewEmbedding other = vector(model.id, id, {1, 2, 3});
  other.content_type = "picture";
  EXPECT_EQ(refusal(model.id, other).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(run(embeddings().count(EmbeddingFields::model_id.eq(model.id))), 0);
}

TEST_F(Embeddings, ADeletedMessageTakesItsVectorsAndJobsAlong) {
  const auto model = add("m", 3);
  const auto conversation = talk({"gone", "kept"});
  const auto messages = run(storage.messages().after(conversation.id, 0, 2));
  run(embeddings().store(
      {vector(model.id, messages[0].id, {1, 2, 3}), vector(model.id, messages[1].id, {1, 2, 3})}));
  ASSERT_EQ(number("select count(*) from embedding_jobs"), 2);
  script("update messages set parent_id = null; delete from messages where content = 'gone'");
  EXPECT_TRUE(run(embeddings().of_text(model.id, "message", messages[0].id)).empty());
  EXPECT_EQ(run(embeddings().of_text(model.id, "message", messages[1].id)).size(), 1U);
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
}

TEST_F(Embeddings, StoredWhileTheirTextsAreErasedDoNotOutliveThem) {
  const auto model = add("m", 3);
  Runtime many(4);
  PostgresStorage others(many.executor(), options());
  const auto storing = [](EmbeddingRepository& into, std::int32_t to,
                          std::vector<Uuid> texts) -> Task<void> {
    for (const Uuid& text : texts) {
      try {
        co_await into.store({vector(to, text, {1, 2, 3}), vector(to, text, {1, 2, 3}, 1)});
      } catch (const Error& error) {
        if (error.sqlstate() != "23503") throw;
      }
    }
  };
  const auto erasing = [](Storage& from, std::vector<Uuid> texts, Uuid conversation) -> Task<void> {
    for (const Uuid& text : texts) (void)co_await from.messages().erase(text);
    (void)co_await from.conversations().purge(conversation);
  };
  for (int round = 0; round < 5; ++round) {
    const auto conversation = talk(std::vector<std::string>(60, "a text"));
    std::vector<Uuid> texts;
    for (const auto& each : run(storage.messages().after(conversation.id, 0, 60))) {
      texts.push_back(each.id);
    }
    const std::vector<Uuid> first(texts.begin(), texts.begin() + 40);
    std::vector<std::future<void>> works;
    const auto start = [&](Task<void> work) {
      works.push_back(
          boost::asio::co_spawn(many.executor(), std::move(work), boost::asio::use_future));
    };
    start(storing(others.embeddings(), model.id, texts));
    start(storing(others.embeddings(), model.id, {texts.rbegin(), texts.rend()}));
    start(erasing(others, first, conversation.id));
    for (auto& each : works) each.get();
    ASSERT_EQ(number("select count(*) from embeddings"), 0) << round;
  }
}

TEST_F(Embeddings, StoredWhileTheirUserIsErasedDoNotOutliveThem) {
  const auto model = add("m", 3);
  Runtime many(4);
  PostgresStorage others(many.executor(), options());
  const auto storing = [](EmbeddingRepository& into, std::int32_t to,
                          std::vector<Uuid> texts) -> Task<void> {
    for (int again = 0; again < 3; ++again) {
      for (const Uuid& text : texts) {
        try {
          co_await into.store({vector(to, text, {1, 2, 3})});
        } catch (const Error& error) {
          if (error.sqlstate() != "23503") throw;  // a deadlock, too
        }
      }
    }
  };
  for (int round = 0; round < 5; ++round) {
    const auto conversation = talk(std::vector<std::string>(40, "a text"), "bob");
    std::vector<Uuid> texts;
    for (const auto& each : run(storage.messages().after(conversation.id, 0, 40))) {
      texts.push_back(each.id);
    }
    auto work = boost::asio::co_spawn(
        many.executor(), storing(others.embeddings(), model.id, texts), boost::asio::use_future);
    (void)run(storage.erase_user("bob"));
    work.get();
    ASSERT_EQ(number("select count(*) from embeddings"), 0) << round;
  }
}

TEST_F(Embeddings, EveryModelInUseGetsAJobForEachNewMessage) {
  add("one", 3);
  add("two", 4);
  const auto retired = add("three", 5);
  script("update embedding_models set status = 'retired' where id = " + std::to_string(retired.id));
  talk({"hello"});
  EXPECT_EQ(number("select count(distinct model_id) from embedding_jobs"), 2);
}

}  // namespace
}  // namespace loci::storage
