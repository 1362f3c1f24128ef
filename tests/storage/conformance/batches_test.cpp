#include <loci/storage/limits.hpp>

#include <algorithm>

#include "storage/conformance/every_kind.hpp"

// Many records of any kind at once.
namespace loci::storage::conformance {
namespace {

struct Batches : EveryKind {};
INSTANTIATE_TEST_SUITE_P(Storages, Batches, every_kind_of_every_storage(), storage_and_kind);

// The places and names of a batch's failures: "1 23505".
template <class Work>
std::vector<std::string> failures_of(Work work) {
  std::vector<std::string> told;
  try {
    work();
  } catch (const BatchError& error) {
    for (const ItemFailure& failure : error.failures()) {
      told.push_back(std::to_string(failure.item) + " " + name_of(failure.error));
    }
  }
  return told;
}

TEST_P(Batches, AreStoredInOrder) {
  of_kind([&](auto& kind) {
    const auto made = some(kind, 7);
    const auto stored = run(kind.in(storage()).create_batch(made));
    ASSERT_EQ(stored.size(), made.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      EXPECT_TRUE(kind.made_of(made[i], stored[i])) << i;
    }
    EXPECT_EQ(run(kind.in(storage()).get_batch(keys_of(stored))).size(), 7U);
  });
}

TEST_P(Batches, OfMoreThanOneStatementAreStoredInOrder) {
  of_kind([&](auto& kind) {
    const auto made = some(kind, 1234);
    const auto stored = run(kind.in(storage()).create_batch(made));
    ASSERT_EQ(stored.size(), made.size());
    EXPECT_TRUE(kind.made_of(made.front(), stored.front()));
    EXPECT_TRUE(kind.made_of(made[1000], stored[1000]));
    EXPECT_TRUE(kind.made_of(made.back(), stored.back()));
  });
}

TEST_P(Batches, OfNothingStoreNothing) {
  of_kind([&](auto& kind) {
    EXPECT_THAT(run(kind.in(storage()).create_batch({})), IsEmpty());
    EXPECT_THAT(run(kind.in(storage()).create_each({})), IsEmpty());
    EXPECT_THAT(run(kind.in(storage()).get_batch({})), IsEmpty());
  });
}

TEST_P(Batches, ThatFailStoreNothing) {
  of_kind([&](auto& kind) {
    const auto taken = store(kind);
    auto made = some(kind, 3);
    kind.same_key(made[1], taken);
    EXPECT_EQ(refusal(kind.in(storage()).create_batch(made)), "23505");
    EXPECT_EQ(run(kind.in(storage()).count(!kind.only(taken))), 0);
  });
}

TEST_P(Batches, NameEveryItemThatTheServerRefused) {
  of_kind([&](auto& kind) {
    const auto taken = store(kind);
    auto made = some(kind, 5);
    kind.same_key(made[1], taken);
    kind.same_key(made[4], taken);
    EXPECT_THAT(failures_of([&] { (void)run(kind.in(storage()).create_batch(made)); }),
                ElementsAre("1 23505", "4 23505"));
  });
}

TEST_P(Batches, NameEveryItemOfAFormThatIsNone) {
  of_kind([&](auto& kind) {
    auto made = some(kind, 5);
    kind.spoil(made[0]);
    kind.spoil(made[3]);
    EXPECT_THAT(failures_of([&] { (void)run(kind.in(storage()).create_batch(made)); }),
                ElementsAre("0 invalid argument", "3 invalid argument"));
  });
}

TEST_P(Batches, WithOneKeyTwiceNameTheSecond) {
  of_kind([&](auto& kind) {
    auto made = some(kind, 2);
    made.push_back(made.front());
    EXPECT_THAT(failures_of([&] { (void)run(kind.in(storage()).create_batch(made)); }),
                ElementsAre("2 23505"));
  });
}

TEST_P(Batches, CanBeStoredAfterTheItemsThatFailedAreTakenOut) {
  of_kind([&](auto& kind) {
    const auto taken = store(kind);
    auto made = some(kind, 3);
    auto good = made;
    kind.same_key(made[2], taken);
    (void)refusal(kind.in(storage()).create_batch(made));
    EXPECT_EQ(run(kind.in(storage()).create_batch(good)).size(), 3U);
  });
}

TEST_P(Batches, ThatStoreEachLeaveOutWhatFails) {
  of_kind([&](auto& kind) {
    const auto taken = store(kind);
    auto made = some(kind, 5);
    kind.same_key(made[1], taken);
    kind.spoil(made[3]);
    const auto outcomes = run(kind.in(storage()).create_each(made));
    EXPECT_THAT(each(outcomes, [](const auto& o) { return o ? "stored" : name_of(o.error()); }),
                ElementsAre("stored", "23505", "stored", "invalid argument", "stored"));
    EXPECT_TRUE(kind.made_of(made[2], *outcomes[2]));
    EXPECT_EQ(run(kind.in(storage()).count()), 4);
  });
}

TEST_P(Batches, ThatStoreEachDoSoInATransactionToo) {
  of_kind([&](auto& kind) {
    const auto taken = store(kind);
    auto made = some(kind, 3);
    kind.same_key(made[1], taken);
    const auto transaction = run(storage().begin());
    const auto outcomes = run(kind.in(*transaction).create_each(made));
    run(transaction->commit());
    EXPECT_THAT(each(outcomes, [](const auto& o) { return o.has_value(); }),
                ElementsAre(true, false, true));
    EXPECT_EQ(run(kind.in(storage()).count()), 3);
  });
}

TEST_P(Batches, OfATransactionAreUndoneWithIt) {
  of_kind([&](auto& kind) {
    const auto made = some(kind, 3);
    {
      const auto transaction = run(storage().begin());
      (void)run(kind.in(*transaction).create_batch(made));
    }
    EXPECT_EQ(run(kind.in(storage()).count()), 0);
  });
}

TEST_P(Batches, AreRefusedBeyondTheLimit) {
  of_kind([&](auto& kind) {
    const auto one = kind.make(*this);
    const std::vector many(limits::batch + 1, one);
    EXPECT_EQ(refusal(kind.in(storage()).create_batch(many)), "invalid argument");
    EXPECT_EQ(run(kind.in(storage()).count()), 0);
  });
}

TEST_P(Batches, OfKeysKeepTheirOrder) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 4);
    auto keys = keys_of(stored);
    std::ranges::reverse(keys);
    const auto found = run(kind.in(storage()).get_batch(keys));
    ASSERT_EQ(found.size(), 4U);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ(kind.key(found[i].value()), keys[i]) << i;
    }
  });
}

TEST_P(Batches, OfKeysTellWhatIsNotThere) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 2);
    const auto found = run(kind.in(storage()).get_batch(
        {kind.unknown_key(), kind.key(stored[0]), kind.unknown_key(), kind.key(stored[1])}));
    EXPECT_THAT(each(found, [](const auto& one) { return one.has_value(); }),
                ElementsAre(false, true, false, true));
  });
}

TEST_P(Batches, OfKeysMayNameOneTwice) {
  of_kind([&](auto& kind) {
    const auto key = kind.key(store(kind));
    const auto found = run(kind.in(storage()).get_batch({key, key}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(kind.said(found[0].value()), kind.said(found[1].value()));
  });
}

TEST_P(Batches, OfKeysAreRefusedBeyondTheLimit) {
  of_kind([&](auto& kind) {
    const std::vector keys(limits::keys + 1, kind.unknown_key());
    EXPECT_EQ(refusal(kind.in(storage()).get_batch(keys)), "invalid argument");
  });
}

}  // namespace
}  // namespace loci::storage::conformance
