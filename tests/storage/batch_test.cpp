// Batches: how they are cut, and how the items at fault are found.
#include "storage/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using testing::ElementsAre;

struct Batches : testing::Test, test::StorageFixture {
  static NewConversation named(std::string title) {
    NewConversation made;
    made.id = Uuid::v7();
    made.user_id = "ann";
    made.title = std::move(title);
    return made;
  }
  static std::vector<NewConversation> many(std::size_t count) {
    std::vector<NewConversation> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(named(std::to_string(i)));
    return all;
  }
  // The places of the items that failed, with what the server or Loci said.
  std::map<std::size_t, std::string> failures(Repositories& of, std::vector<NewConversation> all) {
    std::map<std::size_t, std::string> found;
    try {
      (void)run(of.conversations().create_batch(std::move(all)));
    } catch (const BatchError& error) {
      for (const ItemFailure& each : error.failures()) {
        found[each.item] = each.error.kind() == ErrorKind::server
                               ? std::string(each.error.sqlstate())
                               : std::string(to_string(each.error.kind()));
      }
    }
    return found;
  }
  std::int64_t count() { return number("select count(*) from conversations"); }
};

TEST(BatchRanges, EndAtAThousandItemsOrFourMegabytes) {
  struct Item {
    std::size_t size;
  };
  const auto sizes = [](const std::vector<Item>& items) {
    std::vector<std::size_t> found;
    for (const auto range : ranges<Item>(items, [](const Item& item) { return item.size; })) {
      found.push_back(range.size());
    }
    return found;
  };
  EXPECT_THAT(sizes({}), ElementsAre());
  EXPECT_THAT(sizes(std::vector<Item>(2001, Item{1})), ElementsAre(1000, 1000, 1));
  EXPECT_THAT(sizes({{3 << 20}, {1 << 20}, {1}, {9 << 20}, {2}}), ElementsAre(2, 1, 1, 1));
}

TEST_F(Batches, OfAnySizeComeBackInOrder) {
  const auto wanted = many(2345);
  const auto made = run(storage.conversations().create_batch(wanted));
  ASSERT_EQ(made.size(), wanted.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(made[i].id, wanted[i].id);
    EXPECT_EQ(made[i].title, wanted[i].title);
  }
  EXPECT_EQ(count(), 2345);
}

TEST_F(Batches, NameEveryItemThatFailedAndStoreNone) {
  auto all = many(1500);
  all[7].id = all[3].id;
  all[1200].id = all[1100].id;
  all[1499].id = all[0].id;
  const std::map<std::size_t, std::string> wanted{{7, "23505"}, {1200, "23505"}, {1499, "23505"}};
  EXPECT_EQ(failures(storage, all), wanted);
  EXPECT_EQ(count(), 0);
}

TEST_F(Batches, SayInTheirErrorWhichItemWasTheFirst) {
  auto all = many(5);
  all[2].id = all[1].id;
  all[4].id = all[1].id;
  const Error error =
      error_of([&] { return run(storage.conversations().create_batch(std::move(all))); });
  EXPECT_EQ(error.sqlstate(), "23505");
  EXPECT_THAT(error.what(), testing::HasSubstr("item 3 of 5 (and 1 more)"));
}

TEST_F(Batches, TellOfItemsThatCannotBeSentBeforeAnyIs) {
  auto all = many(4);
  all[1].title = "a\xff";
  all[2].metadata = {"[]"};
  all[3].id = all[0].id;  // the server would have to be asked
  const std::map<std::size_t, std::string> wanted{{1, "invalid argument"}, {2, "invalid argument"}};
  EXPECT_EQ(failures(storage, all), wanted);
  EXPECT_EQ(count(), 0);
}

TEST_F(Batches, EachForItselfKeepsWhatSucceeds) {
  auto all = many(2050);
  all[5].id = all[4].id;
  all[1500].title = std::string("a\0b", 3);
  const auto outcomes = run(storage.conversations().create_each(all));
  ASSERT_EQ(outcomes.size(), all.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_EQ(outcomes[i].has_value(), i != 5 && i != 1500) << i;
    EXPECT_TRUE(!outcomes[i] || outcomes[i]->title == all[i].title) << i;
  }
  EXPECT_EQ(outcomes[5].error().sqlstate(), "23505");
  EXPECT_EQ(outcomes[1500].error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(count(), 2048);
}

TEST_F(Batches, ThatFailInATransactionLeaveItUsable) {
  const auto transaction = run(storage.begin());
  (void)run(transaction->conversations().create(named("before")));
  auto all = many(10);
  all[9].id = all[0].id;
  const std::map<std::size_t, std::string> wanted{{9, "23505"}};
  EXPECT_EQ(failures(*transaction, all), wanted);
  const auto outcomes = run(transaction->conversations().create_each(all));
  EXPECT_FALSE(outcomes[9]);
  run(transaction->commit());
  EXPECT_EQ(count(), 10) << "the one before, and nine";
}

TEST_F(Batches, EndTogetherWithTheirTransaction) {
  {
    const auto transaction = run(storage.begin());
    (void)run(transaction->conversations().create_batch(many(1100)));
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(Batches, ThatAreTooLargeOrEmptyCostNothing) {
  EXPECT_EQ(error_of([&] {
              return run(storage.conversations().create_batch(
                  std::vector<NewConversation>(limits::batch + 1)));
            }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(run(storage.conversations().create_batch({})).empty());
  EXPECT_TRUE(run(storage.conversations().create_each({})).empty());
  EXPECT_TRUE(storage.metrics().statements.empty());
}

TEST_F(Batches, OfTwentyThousandThatAreThereNameEachOne) {
  auto all = many(20'000);
  (void)run(storage.conversations().create_batch(all, Deadline::after(std::chrono::minutes(1))));
  all[12'345].id = Uuid::v7();
  BatchError error = [&] {
    try {
      (void)run(
          storage.conversations().create_batch(all, Deadline::after(std::chrono::minutes(1))));
    } catch (const BatchError& refused) {
      return refused;
    }
    throw std::runtime_error("nothing was refused");
  }();
  ASSERT_EQ(error.failures().size(), 19'999U);
  for (std::size_t i = 0; i < error.failures().size(); ++i) {
    const ItemFailure& each = error.failures()[i];
    ASSERT_EQ(each.item, i < 12'345 ? i : i + 1);
    ASSERT_EQ(each.error.sqlstate(), "23505");
    ASSERT_EQ(each.error.server()->constraint, "conversations_pkey");
  }
  EXPECT_EQ(count(), 20'000);
  const auto outcomes =
      run(storage.conversations().create_each(all, Deadline::after(std::chrono::minutes(1))));
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& each) { return each.has_value(); }), 1);
  EXPECT_EQ(count(), 20'001);
}

TEST_F(Batches, OfOneKeyManyTimesNameAllButTheFirst) {
  auto all = many(3000);
  for (auto& each : all) each.id = all[0].id;
  EXPECT_EQ(failures(storage, all).size(), 2999U);
  EXPECT_FALSE(failures(storage, all).contains(0));
  EXPECT_EQ(count(), 0);
}

// An error of the connection is nobody's fault: it is not looked for among the items.
TEST_F(Batches, WithoutAServerFailAsASingleCallDoes) {
  PostgresOptions nowhere = options();
  nowhere.pool.conninfo = "host=/nonexistent";
  PostgresStorage unreachable(runtime.executor(), nowhere);
  EXPECT_EQ(error_of([&] { return run(unreachable.conversations().create_batch(many(3))); }).kind(),
            ErrorKind::connect);
}

}  // namespace
}  // namespace loci::storage
