#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <format>
#include <functional>
#include <loci/vector/embedding_worker.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "queries/embeddings.hpp"
#include "support/storage_fixture.hpp"

namespace loci::vector {
namespace {

using test::soon;

// Says that it has two dimensions; fails for what it is told to.
class FakeEmbedder : public embed::Embedder {
public:
  std::string name() const override { return name_of_model; }
  std::size_t dimensions() const override { return 2; }
  std::size_t batch_size() const override { return 16; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts) override {
    const std::scoped_lock lock(mutex_);
    ++calls;
    for (const std::string& text : texts) {
      if (fails(text)) throw Error(ErrorKind::remote, "the endpoint dislikes this");
    }
    std::vector<std::vector<float>> vectors;
    for (const std::string& text : texts) {
      ++embedded;
      vectors.push_back({1, static_cast<float>(text.size())});
      vectors.back().resize(size_of_vectors, 1);
    }
    return vectors;
  }

  std::string name_of_model = "fake";
  std::function<bool(const std::string&)> fails = [](const std::string&) { return false; };
  std::size_t size_of_vectors = 2;
  int calls = 0;
  int embedded = 0;

private:
  std::mutex mutex_;
};

struct Workers : testing::Test, test::StorageFixture {
  Workers() : StorageFixture(2) {}

  EmbeddingWorker worker(WorkerOptions options = {}) {
    return {runtime, storage, embedder, std::move(options)};
  }
  WorkerSummary work(WorkerOptions options = {}) {
    EmbeddingWorker mine = worker(std::move(options));
    return mine.run(mine.prepare());
  }
  std::int64_t waiting() { return number("select count(*) from embedding_jobs"); }
  std::int64_t vectors() { return number("select count(*) from embeddings"); }
  static std::vector<std::string> many(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(std::format("message {}", i));
    return all;
  }
  void due_now() { script("update embedding_jobs set not_before = now()"); }

  FakeEmbedder embedder;
};

TEST_F(Workers, TheQueueIsWorkedOffInBatches) {
  (void)worker().prepare();
  talk(many(25));
  std::vector<WorkerProgress> steps;
  const WorkerSummary summary =
      work({.batch = 10,
            .on_progress = [&](const WorkerProgress& each) { steps.push_back(each); },
            .cancelled = {}});
  EXPECT_EQ(summary.embedded, 25U);
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(vectors(), 25);
  EXPECT_EQ(embedder.calls, 3);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[2].done, 25U);
  EXPECT_EQ(steps[2].total, 25U);
  EXPECT_EQ(work().embedded, 0U) << "nothing is left to do";
}

TEST_F(Workers, WhatWasStoredBeforeTheModelIsQueuedWithIt) {
  talk(many(7));
  EXPECT_EQ(work().embedded, 7U);
  embedder.name_of_model = "second";
  EXPECT_EQ(work().embedded, 7U);
  EXPECT_EQ(vectors(), 14);
}

TEST_F(Workers, EachTenantsOlderMessagesAreQueuedForIt) {
  talk(many(2));
  ASSERT_EQ(work().embedded, 2U);
  storage::PostgresStorage other(runtime.executor(), options(test::other_tenant()));
  storage::NewConversation made;
  made.user_id = "eve";
  script("update embedding_models set status = 'retired'");  // so that nothing queues itself
  const auto theirs = run(other.conversations().create(made));
  (void)run(other.messages().append(theirs.id, {message("from before")}));
  EmbeddingWorker mine(runtime, other, embedder, {});
  EXPECT_EQ(mine.run(mine.prepare()).embedded, 1U);
}

TEST_F(Workers, OneBadTextIsPutOffAloneAndTheOthersAreEmbedded) {
  std::vector<std::string> all = many(40);
  all[13] = "poison";
  talk(all);
  embedder.fails = [](const std::string& text) { return text == "poison"; };
  const WorkerSummary summary = work();
  EXPECT_EQ(summary.embedded, 39U);
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_THAT(summary.last_error, testing::HasSubstr("dislikes"));
  EXPECT_EQ(vectors(), 39);
  EXPECT_EQ(
      text("select m.content from embedding_jobs j join messages m on m.id = j.content_id"
           " where j.attempts = 1 and j.last_error like '%dislikes%' and j.not_before > now()"),
      "poison");
  EXPECT_EQ(work().failed, 0U) << "its time has not come";

  due_now();
  talk({"fresh"});
  const WorkerSummary again = work();
  EXPECT_EQ(again.embedded, 1U);
  EXPECT_EQ(again.failed, 1U);
  EXPECT_EQ(number("select attempts::bigint from embedding_jobs"), 2);

  due_now();
  embedder.fails = [](const std::string&) { return false; };
  EXPECT_EQ(work().embedded, 1U);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(Workers, AnEndpointThatIsDownEndsTheRunAndLosesNothing) {
  talk(many(50));
  embedder.fails = [](const std::string&) { return true; };
  const WorkerSummary summary = work({.batch = 10, .on_progress = {}, .cancelled = {}});
  EXPECT_EQ(summary.embedded, 0U);
  EXPECT_EQ(summary.failed, 30U) << "three batches";
  EXPECT_LE(embedder.calls, 5);
  EXPECT_EQ(waiting(), 50);
  EXPECT_EQ(vectors(), 0);

  embedder.fails = [](const std::string&) { return false; };
  due_now();
  EXPECT_EQ(work().embedded, 50U);
  EXPECT_EQ(vectors(), 50);
}

TEST_F(Workers, VectorsOfAnotherSizeThanTheModelsAreNotStored) {
  talk(many(2));
  embedder.size_of_vectors = 3;
  const WorkerSummary summary = work();
  EXPECT_EQ(summary.failed, 2U);
  EXPECT_THAT(summary.last_error, testing::HasSubstr("a vector has 3 dimensions, not 2"));
  EXPECT_EQ(vectors(), 0);
  EXPECT_EQ(waiting(), 2);
}

TEST_F(Workers, TwoAtOnceShareTheWorkAndDoubleNothing) {
  talk(many(200));
  const std::int32_t model = worker().prepare();
  std::array<WorkerSummary, 2> summaries;
  {
    std::vector<std::jthread> both;
    for (WorkerSummary& each : summaries) {
      both.emplace_back(
          [&] { each = worker({.batch = 5, .on_progress = {}, .cancelled = {}}).run(model); });
    }
  }
  EXPECT_EQ(summaries[0].embedded + summaries[1].embedded, 200U);
  EXPECT_EQ(embedder.embedded, 200);
  EXPECT_EQ(vectors(), 200);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(Workers, AWorkerThatDiesGivesItsJobsBack) {
  talk(many(10));
  const std::int32_t model = worker().prepare();
  const queries::ClaimJobs claim{
      .tenant_id = storage.tenant_id(), .model_id = model, .tried_before = false, .max_rows = 6};
  {
    pg::Transaction killed = run(pg::Transaction::begin(storage.pool(), {}, soon()));
    ASSERT_EQ(run(killed.run(claim, soon())).size(), 6U);
    EXPECT_EQ(run(storage.pool().run(claim, soon())).size(), 4U) << "the others go on meanwhile";
  }
  EXPECT_TRUE(test::eventually([&] { return run(storage.pool().run(claim, soon())).size() == 6; }));
  EXPECT_EQ(work().embedded, 10U);
}

TEST_F(Workers, ABlankTextLeavesTheQueueWithoutAVector) {
  (void)worker().prepare();
  talk({"", " \n\t", "words"});
  const WorkerSummary summary = work();
  EXPECT_EQ(summary.embedded, 1U);
  EXPECT_EQ(summary.blank, 2U);
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(vectors(), 1);
}

TEST_F(Workers, ATextThatGotShorterLosesItsSpareChunks) {
  std::string large;
  for (int i = 0; i < 2000; ++i) large += std::format("word{} ", i);
  const auto conversation = talk({large});
  ASSERT_EQ(work().embedded, 1U);
  ASSERT_GT(vectors(), 2);
  script("update messages set content = 'short'");
  script(
      "insert into embedding_jobs (tenant_id, model_id, content_type, content_id)"
      " select m.tenant_id, e.id, 'message', m.id from messages m, embedding_models e");
  EXPECT_EQ(work().embedded, 1U);
  EXPECT_EQ(vectors(), 1);
}

// Its vector is of the old text, so its place in the queue stays.
TEST_F(Workers, ATextThatIsChangedWhileItIsEmbeddedIsEmbeddedAgain) {
  const auto conversation = talk({"old", "untouched"});
  const Uuid id = run(storage.messages().after(conversation.id, 0, 1)).at(0).id;
  (void)worker().prepare();
  embedder.fails = [&, done = false](const std::string& text) mutable {
    if (text == "old" && !std::exchange(done, true)) {
      (void)run(storage.messages().update(id, {.content = "much longer"}));
    }
    return false;
  };
  (void)work();
  EXPECT_EQ(embedder.embedded, 3) << "the other one once";
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(text("select embedding::text from embeddings where content_id = '" + id.str() + "'"),
            "[1,11]");
}

// Whoever removes it waits for the worker's claim; a worker that waited for him would be a
// deadlock.
TEST_F(Workers, AMessageThatIsRemovedWhileItIsEmbeddedLeavesNoVector) {
  const auto conversation = talk({"old", "kept"});
  const Uuid id = run(storage.messages().after(conversation.id, 0, 1)).at(0).id;
  (void)worker().prepare();
  std::jthread remover;
  embedder.fails = [&, done = false](const std::string& text) mutable {
    if (text == "old" && !std::exchange(done, true)) {
      remover = std::jthread([&] { EXPECT_TRUE(run(storage.messages().erase(id))); });
      EXPECT_TRUE(test::eventually([&] {
        return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1;
      }));
    }
    return false;
  };
  (void)work();
  remover.join();
  EXPECT_EQ(vectors(), 1);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(Workers, AnErasedConversationIsNotEmbedded) {
  const auto gone = talk({"secret"});
  ASSERT_TRUE(run(storage.conversations().erase(gone.id)));
  EXPECT_EQ(work().embedded, 0U);
  EXPECT_EQ(embedder.calls, 0);
}

// However a job of an erased conversation came into the queue.
TEST_F(Workers, AStrayJobOfAnErasedConversationSendsNothingAndGoes) {
  const auto gone = talk({"secret"});
  (void)worker().prepare();
  ASSERT_EQ(waiting(), 1);
  script("update conversations set deleted_at = now()");
  EXPECT_EQ(work().embedded, 0U);
  EXPECT_EQ(embedder.embedded, 0);
  EXPECT_EQ(waiting(), 0);
}

// It stores without knowing the model, and commits after the model is registered.
TEST_F(Workers, AMessageStoredWhileTheModelComesIsQueued) {
  const auto conversation = talk({});
  const auto storing = run(storage.begin());
  (void)run(storing->messages().append(conversation.id, {message("meanwhile")}));
  std::jthread registers([&] { (void)worker().prepare(); });
  EXPECT_TRUE(test::eventually([&] {
    return number("select count(*) from pg_locks where not granted") > 0;
  })) << "registering waits for who is storing";
  run(storing->commit());
  registers.join();
  EXPECT_EQ(work().embedded, 1U);
}

TEST_F(Workers, CancelledBetweenBatchesItKeepsWhatIsDone) {
  talk(many(30));
  int asked = 0;
  const WorkerSummary summary =
      work({.batch = 10, .on_progress = {}, .cancelled = [&] { return ++asked > 2; }});
  EXPECT_EQ(summary.embedded, 20U);
  EXPECT_EQ(waiting(), 10);
}

}  // namespace
}  // namespace loci::vector
