#include <loci/storage/mock_storage.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/storage_fixture.hpp"

// How the mock misbehaves, and what it remembers. That it keeps what a storage keeps is what the
// conformance suite shows.
namespace loci::storage {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Mocks : testing::Test {
  template <class T>
  T run(Task<T> work) {
    return runtime.wait(std::move(work));
  }
  template <class T>
  std::string outcome(Task<T> work) {
    try {
      if constexpr (std::is_void_v<T>) {
        run(std::move(work));
      } else {
        (void)run(std::move(work));
      }
    } catch (const Error& error) {
      return std::string(to_string(error.kind()));
    }
    return "ok";
  }
  static std::vector<std::string> operations(const MockStorage& mock) {
    std::vector<std::string> all;
    for (const MockCall& call : mock.calls()) all.push_back(call.operation);
    return all;
  }
  /// Which of some pings fail.
  std::vector<bool> failures(MockStorage& mock, int count = 40) {
    std::vector<bool> all;
    for (int i = 0; i < count; ++i) all.push_back(outcome(mock.ping()) != "ok");
    return all;
  }

  Runtime runtime{4};
};

TEST_F(Mocks, FailAsOftenAsTheyAreTold) {
  MockStorage never({.failure_rate = 0});
  MockStorage half({.failure_rate = 0.5});
  MockStorage always({.failure_rate = 1});
  EXPECT_EQ(std::ranges::count(failures(never), true), 0);
  const auto in_half = std::ranges::count(failures(half), true);
  EXPECT_GT(in_half, 5);
  EXPECT_LT(in_half, 35);
  EXPECT_EQ(std::ranges::count(failures(always), true), 40);
}

TEST_F(Mocks, FailAlikeWithTheSameSeed) {
  MockStorage first({.seed = 7, .failure_rate = 0.5});
  MockStorage second({.seed = 7, .failure_rate = 0.5});
  EXPECT_EQ(failures(first), failures(second));
}

TEST_F(Mocks, FailOtherwiseWithAnotherSeed) {
  MockStorage first({.seed = 7, .failure_rate = 0.5});
  MockStorage second({.seed = 8, .failure_rate = 0.5});
  EXPECT_NE(failures(first), failures(second));
}

TEST_F(Mocks, FailAlikeWhateverElseIsArranged) {
  MockStorage plain({.seed = 7, .failure_rate = 0.5});
  MockStorage arranged({.seed = 7, .failure_rate = 0.5});
  arranged.fail_nth(1, Error(ErrorKind::timeout, "arranged"));
  auto expected = failures(plain);
  expected[0] = true;
  EXPECT_EQ(failures(arranged), expected);
}

TEST_F(Mocks, FailWithALostConnectionUnlessToldOtherwise) {
  MockStorage lost({.failure_rate = 1});
  EXPECT_EQ(outcome(lost.ping()), "connection lost");
  MockStorage told({.failure_rate = 1, .failure = [](std::string_view operation) {
                      return Error(ErrorKind::timeout, std::string(operation));
                    }});
  EXPECT_EQ(std::string(error_of([&] { return run(told.conversations().count()); }).what()),
            "conversations.count");
}

TEST_F(Mocks, DoNothingWhenTheyFail) {
  MockStorage mock({.failure_rate = 1});
  (void)outcome(mock.conversations().create({.user_id = "ann"}));
  mock.set_failure_rate(0);
  EXPECT_EQ(run(mock.conversations().count()), 0);
}

TEST_F(Mocks, RefuseARateThatIsNone) {
  MockStorage mock;
  EXPECT_THROW(mock.set_failure_rate(1.5), Error);
  EXPECT_THROW(mock.set_failure_rate(-0.1), Error);
}

TEST_F(Mocks, FailTheNextCallOfAName) {
  MockStorage mock;
  mock.fail_next("conversations.count", Error(ErrorKind::timeout, "too slow"));
  EXPECT_EQ(outcome(mock.messages().count()), "ok");
  EXPECT_EQ(outcome(mock.conversations().count()), "timeout");
  EXPECT_EQ(outcome(mock.conversations().count()), "ok");
}

TEST_F(Mocks, FailSeveralCallsOfANameInOrder) {
  MockStorage mock;
  mock.fail_next("ping", Error(ErrorKind::timeout, "first"));
  mock.fail_next("ping", Error(ErrorKind::connect, "second"));
  EXPECT_EQ(outcome(mock.ping()), "timeout");
  EXPECT_EQ(outcome(mock.ping()), "connect");
  EXPECT_EQ(outcome(mock.ping()), "ok");
}

TEST_F(Mocks, FailTheNthCallFromNow) {
  MockStorage mock;
  (void)run(mock.conversations().count());
  mock.fail_nth(3, Error(ErrorKind::timeout, "third"));
  EXPECT_EQ(outcome(mock.ping()), "ok");
  EXPECT_EQ(outcome(mock.messages().count()), "ok");
  EXPECT_EQ(outcome(mock.tools().count()), "timeout");
  EXPECT_EQ(outcome(mock.tools().count()), "ok");
}

TEST_F(Mocks, ThrowTheErrorTheyAreGivenAsItIs) {
  MockStorage mock;
  mock.fail_next("commit", Error(ErrorKind::connection_lost, "cut").with_unknown_outcome());
  const auto transaction = run(mock.begin());
  const Error error = error_of([&] { return run(transaction->commit()), 0; });
  EXPECT_TRUE(error.outcome_unknown());
}

TEST_F(Mocks, UndoATransactionWhoseCommitFails) {
  MockStorage mock;
  mock.fail_next("commit", Error(ErrorKind::connection_lost, "cut"));
  const auto transaction = run(mock.begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  EXPECT_EQ(outcome(transaction->commit()), "connection lost");
  EXPECT_EQ(run(mock.conversations().count()), 0);
}

TEST_F(Mocks, TakeNothingInATransactionThatTheyMadeFail) {
  MockStorage mock;
  mock.fail_next("conversations.create", Error(ErrorKind::timeout, "too slow"));
  const auto transaction = run(mock.begin());
  EXPECT_EQ(outcome(transaction->conversations().create({.user_id = "ann"})), "timeout");
  EXPECT_EQ(error_of([&] { return run(transaction->conversations().count()); }).sqlstate(),
            "25P02");
}

TEST_F(Mocks, RememberEachCallByName) {
  MockStorage mock;
  (void)run(mock.conversations().create({.user_id = "ann"}));
  run(mock.ping());
  {
    const auto transaction = run(mock.begin());
    (void)run(transaction->messages().count());
    run(transaction->rollback());
  }
  EXPECT_THAT(operations(mock),
              ElementsAre("conversations.create", "ping", "begin", "messages.count", "rollback"));
}

TEST_F(Mocks, RememberTheCallsOfTheirViews) {
  MockStorage mock;
  (void)run(mock.for_user("ann")->memories().count());
  EXPECT_THAT(operations(mock), ElementsAre("memories.count"));
}

TEST_F(Mocks, RememberWhatTheyMadeFail) {
  MockStorage mock;
  mock.fail_next("ping", Error(ErrorKind::timeout, "x"));
  (void)outcome(mock.ping());
  (void)outcome(mock.messages().append(Uuid::v7(), {{.role = "user"}}));  // refused, not failed
  EXPECT_TRUE(mock.calls().at(0).failed);
  EXPECT_FALSE(mock.calls().at(1).failed);
}

TEST_F(Mocks, ForgetCallsWhenTheyAreTold) {
  MockStorage mock;
  run(mock.ping());
  mock.clear_calls();
  EXPECT_THAT(mock.calls(), IsEmpty());
}

TEST_F(Mocks, GiveUpAtTheDeadlineWhenTheyAreSlow) {
  MockStorage mock({.latency = 1h});
  EXPECT_EQ(outcome(mock.ping(Deadline::after(5ms))), "timeout");
}

TEST_F(Mocks, DoNothingWhenTheyAreTooSlow) {
  MockStorage mock({.latency = 1h});
  (void)outcome(mock.conversations().create({.user_id = "ann"}, Deadline::after(5ms)));
  EXPECT_EQ(mock.calls().size(), 1U);
  EXPECT_EQ(mock.for_tenant(Uuid::v7())->metrics().statements.at(0).errors, 1U);
}

TEST_F(Mocks, TakeTheirTime) {
  MockStorage mock({.latency = 2ms, .latency_most = 4ms});
  for (int i = 0; i < 5; ++i) run(mock.ping());
  const auto statements = mock.metrics().statements;
  ASSERT_THAT(statements, SizeIs(1));
  EXPECT_GE(statements[0].run.sum(), 10ms);
}

TEST_F(Mocks, TakeTimesOfTheSpreadTheyAreTold) {
  for (const MockSpread spread : {MockSpread::even, MockSpread::normal, MockSpread::exponential}) {
    MockStorage mock({.latency = 1ms, .latency_most = 3ms, .latency_spread = spread});
    for (int i = 0; i < 40; ++i) run(mock.ping());
    const auto statements = mock.metrics().statements;
    EXPECT_GE(statements.at(0).run.sum(), 40ms);
  }
}

TEST_F(Mocks, MayDoTheirWorkAndLoseTheAnswer) {
  MockStorage mock;
  const Error lost = Error(ErrorKind::connection_lost, "gone").with_unknown_outcome();
  mock.fail_after_next("conversations.create", lost);
  EXPECT_EQ(outcome(mock.conversations().create({.user_id = "ann"})), "connection lost");
  EXPECT_EQ(run(mock.conversations().count()), 1) << "it is there";
  const auto transaction = run(mock.begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  mock.fail_after_next("commit", lost);
  EXPECT_EQ(outcome(transaction->commit()), "connection lost");
  EXPECT_EQ(run(mock.conversations().count()), 2) << "it was committed";
  EXPECT_TRUE(mock.calls().at(4).failed);
}

TEST_F(Mocks, LetNobodyElseWaitWhileTheyAreSlow) {
  MockStorage mock({.latency = 1ms});
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) {
        (void)run(mock.conversations().create({.user_id = "ann"}));
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(run(mock.conversations().count()), 20);
}

TEST_F(Mocks, KeepWhatManyThreadsAppend) {
  MockStorage mock;
  const Uuid home = run(mock.conversations().create({.user_id = "ann"})).id;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 25; ++j) {
        (void)run(mock.messages().append(home, {{.role = "user", .content = "x"}}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto stored = run(mock.messages().after(home, 0, 1000));
  ASSERT_THAT(stored, SizeIs(100));
  EXPECT_EQ(stored.back().seq, 100);
}

TEST_F(Mocks, BreakADeadlock) {
  MockStorage mock;
  const Uuid one = run(mock.conversations().create({.user_id = "ann"})).id;
  const Uuid other = run(mock.conversations().create({.user_id = "ann"})).id;
  const auto first = run(mock.begin());
  const auto second = run(mock.begin());
  (void)run(first->conversations().update(one, {.title = "first"}));
  (void)run(second->conversations().update(other, {.title = "second"}));
  std::string ends[2];
  std::thread crossing(
      [&] { ends[0] = outcome(first->conversations().update(other, {.title = "first"})); });
  ends[1] = outcome(second->conversations().update(one, {.title = "second"}));
  crossing.join();
  EXPECT_EQ((ends[0] == "ok") + (ends[1] == "ok"), 1);
}

TEST_F(Mocks, GoByTheClockTheyAreGiven) {
  Timestamp time = *parse_timestamp("2024-01-01");
  MockStorage mock({.clock = [&] { return time; }});
  NewMemory made{.content = "x", .expires_at = time + 1h};
  const Memory stored = run(mock.memories().create(made));
  EXPECT_EQ(stored.created_at, time);
  time += 1h;
  EXPECT_FALSE(run(mock.memories().get(stored.id)));
}

TEST_F(Mocks, GiveTheTransactionThatIsStillOpenAMemoryOfItsOwn) {
  auto mock = std::make_unique<MockStorage>();
  const auto transaction = run(mock->begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  mock.reset();
  EXPECT_EQ(run(transaction->conversations().count()), 1);
}

}  // namespace
}  // namespace loci::storage
