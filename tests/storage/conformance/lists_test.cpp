#include <loci/storage/limits.hpp>

#include <algorithm>
#include <set>

#include "storage/conformance/every_kind.hpp"

// Lists, pages, cursors, counts and streams, of any kind.
namespace loci::storage::conformance {
namespace {

struct Lists : EveryKind {
protected:
  /// In the order in which they were made.
  template <class Record>
  static ListOptions ordered(const Kind<Record>& /*kind*/, std::int32_t limit = 50,
                             std::string cursor = {}) {
    return {
        .order_by = std::string(Kind<Record>::order), .limit = limit, .cursor = std::move(cursor)};
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Lists, every_kind_of_every_storage(), storage_and_kind);

TEST_P(Lists, OfNothingAreEmpty) {
  of_kind([&](auto& kind) {
    const auto page = run(kind.in(storage()).list());
    EXPECT_THAT(page.items, IsEmpty());
    EXPECT_EQ(page.next, "");
  });
}

TEST_P(Lists, GiveWholeRecords) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto page = run(kind.in(storage()).list());
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_EQ(kind.said(page.items[0]), kind.said(stored));
    EXPECT_EQ(page.items[0].version, stored.version);
  });
}

TEST_P(Lists, AreInTheOrderAskedFor) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 5);
    EXPECT_EQ(keys_of(run(kind.in(storage()).list({}, ordered(kind))).items), keys_of(stored));
  });
}

TEST_P(Lists, GoBackwardsToo) {
  of_kind([&](auto& kind) {
    auto keys = keys_of(store(kind, 5));
    std::ranges::reverse(keys);
    ListOptions options = ordered(kind);
    options.descending = true;
    EXPECT_EQ(keys_of(run(kind.in(storage()).list({}, options)).items), keys);
  });
}

TEST_P(Lists, HoldNoMoreThanTheirLimit) {
  of_kind([&](auto& kind) {
    (void)store(kind, 5);
    EXPECT_THAT(run(kind.in(storage()).list({}, {.limit = 3})).items, SizeIs(3));
  });
}

TEST_P(Lists, HaveNoCursorBehindTheLastPage) {
  of_kind([&](auto& kind) {
    (void)store(kind, 4);
    EXPECT_EQ(run(kind.in(storage()).list({}, {.limit = 4})).next, "");
    EXPECT_NE(run(kind.in(storage()).list({}, {.limit = 3})).next, "");
  });
}

TEST_P(Lists, ShowEachRecordOncePageByPage) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 7);
    auto keys = keys_of(stored);
    keys.clear();
    std::string cursor;
    do {
      auto page = run(kind.in(storage()).list({}, ordered(kind, 2, cursor)));
      for (const auto& key : keys_of(page.items)) keys.push_back(key);
      cursor = page.next;
    } while (!cursor.empty());
    EXPECT_EQ(keys, keys_of(stored));
  });
}

TEST_P(Lists, InTheirOwnOrderShowEachRecordOncePageByPage) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 7);
    const auto keys = keys_of(stored);
    std::set<std::remove_cvref_t<decltype(keys[0])>> seen;
    std::string cursor;
    do {
      auto page = run(kind.in(storage()).list({}, {.limit = 3, .cursor = cursor}));
      for (const auto& key : keys_of(page.items)) EXPECT_TRUE(seen.insert(key).second);
      cursor = page.next;
    } while (!cursor.empty());
    EXPECT_EQ(seen.size(), 7U);
  });
}

TEST_P(Lists, AreNotMovedByWhatIsStoredOrErasedBetweenTwoPages) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 4);
    const auto first = run(kind.in(storage()).list({}, ordered(kind, 2)));
    (void)run(kind.in(storage()).erase(kind.key(stored[0])));
    (void)run(kind.in(storage()).erase(kind.key(stored[1])));
    const auto added = store(kind);
    const auto rest = run(kind.in(storage()).list({}, ordered(kind, 50, first.next)));
    EXPECT_EQ(keys_of(rest.items),
              (std::vector{kind.key(stored[2]), kind.key(stored[3]), kind.key(added)}));
  });
}

TEST_P(Lists, RefuseACursorThatWasChanged) {
  of_kind([&](auto& kind) {
    (void)store(kind, 3);
    std::string cursor = run(kind.in(storage()).list({}, {.limit = 1})).next;
    char& last = cursor[cursor.size() / 2];
    last = last == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(kind.in(storage()).list({}, {.limit = 1, .cursor = cursor})),
              "invalid argument");
  });
}

TEST_P(Lists, RefuseACursorThatIsNone) {
  of_kind([&](auto& kind) {
    EXPECT_EQ(refusal(kind.in(storage()).list({}, {.cursor = "page 2"})), "invalid argument");
  });
}

TEST_P(Lists, RefuseTheCursorOfAnotherFilter) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 3);
    const auto cursor = run(kind.in(storage()).list({}, {.limit = 1})).next;
    EXPECT_EQ(
        refusal(kind.in(storage()).list(!kind.only(stored[0]), {.limit = 1, .cursor = cursor})),
        "invalid argument");
  });
}

TEST_P(Lists, RefuseTheCursorOfAnotherOrder) {
  of_kind([&](auto& kind) {
    (void)store(kind, 3);
    const auto cursor = run(kind.in(storage()).list({}, ordered(kind, 1))).next;
    ListOptions options = ordered(kind, 1, cursor);
    options.descending = true;
    EXPECT_EQ(refusal(kind.in(storage()).list({}, options)), "invalid argument");
  });
}

TEST_P(Lists, RefuseTheCursorOfAnotherTenant) {
  of_kind([&](auto& kind) {
    (void)store(kind, 3);
    const auto cursor = run(kind.in(storage()).list({}, {.limit = 1})).next;
    const auto other = storage().for_tenant(Uuid::v7());
    EXPECT_EQ(refusal(kind.in(*other).list({}, {.limit = 1, .cursor = cursor})),
              "invalid argument");
  });
}

TEST_P(Lists, SkipWhatTheOffsetSays) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 5);
    ListOptions options = ordered(kind, 2);
    options.offset = 2;
    EXPECT_EQ(keys_of(run(kind.in(storage()).list({}, options)).items),
              (std::vector{kind.key(stored[2]), kind.key(stored[3])}));
    options.offset = 9;
    EXPECT_THAT(run(kind.in(storage()).list({}, options)).items, IsEmpty());
  });
}

TEST_P(Lists, RefuseAnOffsetBesideACursor) {
  of_kind([&](auto& kind) {
    (void)store(kind, 3);
    ListOptions options = ordered(kind, 1);
    options.cursor = run(kind.in(storage()).list({}, options)).next;
    options.offset = 1;
    EXPECT_EQ(refusal(kind.in(storage()).list({}, options)), "invalid argument");
  });
}

TEST_P(Lists, RefuseALimitOutOfRange) {
  of_kind([&](auto& kind) {
    for (const std::int32_t limit : {0, -1, limits::list + 1}) {
      EXPECT_EQ(refusal(kind.in(storage()).list({}, {.limit = limit})), "invalid argument")
          << limit;
    }
  });
}

TEST_P(Lists, RefuseAnOrderByLongTexts) {
  EXPECT_EQ(refusal(messages().list({}, {.order_by = "content"})), "invalid argument");
  EXPECT_EQ(refusal(memories().list({}, {.order_by = "content"})), "invalid argument");
}

TEST_P(Lists, RefuseAnOrderByWhatIsNoField) {
  of_kind([&](auto& kind) {
    EXPECT_EQ(refusal(kind.in(storage()).list({}, {.order_by = "nothing"})), "invalid argument");
  });
}

TEST_P(Lists, NameTheNearestOfAFieldThatIsNone) {
  of_kind([&](auto& kind) {
    try {
      (void)run(kind.in(storage()).list(field(std::string(kind.misspelled)).eq(std::string("x"))));
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      EXPECT_THAT(error.what(), testing::HasSubstr(std::string(kind.meant)));
    }
  });
}

TEST_P(Lists, HoldWhatTheFilterFinds) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 3);
    EXPECT_EQ(keys_of(run(kind.in(storage()).list(kind.only(stored[1]))).items),
              (std::vector{kind.key(stored[1])}));
  });
}

TEST_P(Lists, AreCountedByTheirFilter) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind, 3);
    EXPECT_EQ(run(kind.in(storage()).count()), 3);
    EXPECT_EQ(run(kind.in(storage()).count(kind.only(stored[0]))), 1);
    EXPECT_EQ(run(kind.in(storage()).count(!kind.only(stored[0]))), 2);
  });
}

TEST_P(Lists, ExistByTheirFilter) {
  of_kind([&](auto& kind) {
    EXPECT_FALSE(run(kind.in(storage()).exists(Filter())));
    const auto stored = store(kind);
    EXPECT_TRUE(run(kind.in(storage()).exists(kind.only(stored))));
    EXPECT_FALSE(run(kind.in(storage()).exists(!kind.only(stored))));
  });
}

TEST_P(Lists, StreamInChunksToTheEnd) {
  of_kind([&]<class Record>(Kind<Record>& kind) {
    const auto stored = store(kind, 5);
    RecordStream<Record> stream(kind.in(storage()), {}, ordered(kind, 2));
    EXPECT_EQ(keys_of(run(stream.next())),
              keys_of(std::vector(stored.begin(), stored.begin() + 2)));
    EXPECT_THAT(run(stream.next()), SizeIs(2));
    EXPECT_THAT(run(stream.next()), SizeIs(1));
    EXPECT_THAT(run(stream.next()), IsEmpty());
    EXPECT_THAT(run(stream.next()), IsEmpty());
  });
}

TEST_P(Lists, StreamNothingWhenThereIsNothing) {
  of_kind([&]<class Record>(Kind<Record>& kind) {
    RecordStream<Record> stream(kind.in(storage()));
    EXPECT_THAT(run(stream.next()), IsEmpty());
  });
}

}  // namespace
}  // namespace loci::storage::conformance
