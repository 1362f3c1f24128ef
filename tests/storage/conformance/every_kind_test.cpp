#include "storage/conformance/every_kind.hpp"

// One record of any kind: made, read, changed, erased.
namespace loci::storage::conformance {
namespace {

INSTANTIATE_TEST_SUITE_P(Storages, EveryKind, every_kind_of_every_storage(), storage_and_kind);

TEST_P(EveryKind, IsMadeOfWhatWasGiven) {
  of_kind([&](auto& kind) {
    const auto made = kind.make(*this);
    EXPECT_TRUE(kind.made_of(made, run(kind.in(storage()).create(made))));
  });
}

TEST_P(EveryKind, IsReadBackAsItWasStored) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto read = run(kind.in(storage()).get(kind.key(stored)));
    ASSERT_TRUE(read);
    EXPECT_EQ(kind.said(*read), kind.said(stored));
    EXPECT_EQ(read->version, stored.version);
  });
}

TEST_P(EveryKind, ThatIsNotThereIsNotFound) {
  of_kind([&](auto& kind) { EXPECT_FALSE(run(kind.in(storage()).get(kind.unknown_key()))); });
}

TEST_P(EveryKind, ThatIsNotThereIsNotChanged) {
  of_kind([&](auto& kind) {
    EXPECT_FALSE(run(kind.in(storage()).update(kind.unknown_key(), kind.patch())));
  });
}

TEST_P(EveryKind, ThatIsNotThereIsNotErased) {
  of_kind([&](auto& kind) { EXPECT_FALSE(run(kind.in(storage()).erase(kind.unknown_key()))); });
}

TEST_P(EveryKind, ExistsOnceItIsStored) {
  of_kind([&](auto& kind) {
    EXPECT_FALSE(run(kind.in(storage()).exists(kind.unknown_key())));
    EXPECT_TRUE(run(kind.in(storage()).exists(kind.key(store(kind)))));
  });
}

TEST_P(EveryKind, IsErasedOnce) {
  of_kind([&](auto& kind) {
    const auto key = kind.key(store(kind));
    EXPECT_TRUE(run(kind.in(storage()).erase(key)));
    EXPECT_FALSE(run(kind.in(storage()).erase(key)));
  });
}

TEST_P(EveryKind, ThatIsErasedIsSeenNowhere) {
  of_kind([&](auto& kind) {
    auto& all = kind.in(storage());
    const auto gone = store(kind);
    (void)run(all.erase(kind.key(gone)));
    EXPECT_FALSE(run(all.get(kind.key(gone))));
    EXPECT_FALSE(run(all.exists(kind.key(gone))));
    EXPECT_FALSE(run(all.update(kind.key(gone), kind.patch())));
    EXPECT_THAT(run(all.list(kind.only(gone))).items, IsEmpty());
    EXPECT_EQ(run(all.count(kind.only(gone))), 0);
  });
}

TEST_P(EveryKind, WithAKeyThatIsTakenIsRefused) {
  of_kind([&](auto& kind) {
    const auto first = store(kind);
    auto second = kind.make(*this);
    kind.same_key(second, first);
    EXPECT_EQ(refusal(kind.in(storage()).create(second)), "23505");
  });
}

TEST_P(EveryKind, OfAFormThatIsNoneIsRefused) {
  of_kind([&](auto& kind) {
    auto spoiled = kind.make(*this);
    kind.spoil(spoiled);
    EXPECT_EQ(refusal(kind.in(storage()).create(spoiled)), "invalid argument");
  });
}

TEST_P(EveryKind, IsChangedInWhatThePatchNames) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    const auto changed = run(kind.in(storage()).update(kind.key(before), kind.patch()));
    ASSERT_TRUE(changed);
    EXPECT_TRUE(kind.patched(*changed));
  });
}

TEST_P(EveryKind, StaysAsItIsInWhatThePatchDoesNotName) {
  of_kind([&](auto& kind) {
    auto before = store(kind);
    const auto changed = run(kind.in(storage()).update(kind.key(before), kind.patch()));
    kind.change(before);
    EXPECT_EQ(kind.said(changed.value()), kind.said(before));
  });
}

TEST_P(EveryKind, GivesAChangeAsItIsThenRead) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    const auto changed = run(kind.in(storage()).update(kind.key(before), kind.patch())).value();
    const auto read = run(kind.in(storage()).get(kind.key(before))).value();
    EXPECT_EQ(kind.said(read), kind.said(changed));
    EXPECT_EQ(read.version, changed.version);
  });
}

TEST_P(EveryKind, GoesOneVersionFurtherWithAChange) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    const auto changed = run(kind.in(storage()).update(kind.key(before), kind.patch()));
    EXPECT_EQ(changed.value().version, before.version + 1);
  });
}

TEST_P(EveryKind, StaysAsItIsWithAnEmptyPatch) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    const auto same = run(kind.in(storage()).update(kind.key(before), {}));
    ASSERT_TRUE(same);
    EXPECT_EQ(kind.said(*same), kind.said(before));
    EXPECT_EQ(same->version, before.version);
  });
}

TEST_P(EveryKind, IsChangedWhenItsVersionIsTheOneExpected) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    auto patch = kind.patch();
    patch.if_version = before.version;
    EXPECT_TRUE(kind.patched(run(kind.in(storage()).update(kind.key(before), patch)).value()));
  });
}

TEST_P(EveryKind, ThatWasChangedMeanwhileIsAConflict) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    (void)run(kind.in(storage()).update(kind.key(before), kind.patch()));
    auto patch = kind.patch();
    patch.if_version = before.version;
    EXPECT_EQ(refusal(kind.in(storage()).update(kind.key(before), patch)), "conflict");
  });
}

TEST_P(EveryKind, IsNotChangedByAConflict) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    auto patch = kind.patch();
    patch.if_version = before.version + 1;
    (void)refusal(kind.in(storage()).update(kind.key(before), patch));
    EXPECT_EQ(kind.said(run(kind.in(storage()).get(kind.key(before))).value()), kind.said(before));
  });
}

TEST_P(EveryKind, IsAConflictForAnEmptyPatchOfAnotherVersion) {
  of_kind([&](auto& kind) {
    const auto before = store(kind);
    std::remove_cvref_t<decltype(kind.patch())> patch;
    patch.if_version = before.version + 1;
    EXPECT_EQ(refusal(kind.in(storage()).update(kind.key(before), patch)), "conflict");
  });
}

TEST_P(EveryKind, IsNoConflictWhenItIsNotThere) {
  of_kind([&](auto& kind) {
    auto patch = kind.patch();
    patch.if_version = 1;
    EXPECT_FALSE(run(kind.in(storage()).update(kind.unknown_key(), patch)));
  });
}

TEST_P(EveryKind, IsReplacedByWhatWasReadAndChanged) {
  of_kind([&](auto& kind) {
    auto record = store(kind);
    kind.change(record);
    const auto replaced = run(kind.in(storage()).replace(record));
    ASSERT_TRUE(replaced);
    EXPECT_EQ(kind.said(*replaced), kind.said(record));
    EXPECT_EQ(replaced->version, record.version + 1);
  });
}

TEST_P(EveryKind, ThatWasChangedMeanwhileIsNotReplaced) {
  of_kind([&](auto& kind) {
    auto record = store(kind);
    (void)run(kind.in(storage()).update(kind.key(record), kind.patch()));
    EXPECT_EQ(refusal(kind.in(storage()).replace(record)), "conflict");
  });
}

TEST_P(EveryKind, ThatIsErasedIsNotReplaced) {
  of_kind([&](auto& kind) {
    const auto record = store(kind);
    (void)run(kind.in(storage()).erase(kind.key(record)));
    EXPECT_FALSE(run(kind.in(storage()).replace(record)));
  });
}

TEST_P(EveryKind, IsStoredByACommit) {
  of_kind([&](auto& kind) {
    const auto made = kind.make(*this);
    const auto transaction = run(storage().begin());
    const auto stored = run(kind.in(*transaction).create(made));
    run(transaction->commit());
    EXPECT_TRUE(run(kind.in(storage()).exists(kind.key(stored))));
  });
}

TEST_P(EveryKind, IsNotStoredAfterARollback) {
  of_kind([&](auto& kind) {
    const auto made = kind.make(*this);
    const auto transaction = run(storage().begin());
    const auto stored = run(kind.in(*transaction).create(made));
    run(transaction->rollback());
    EXPECT_FALSE(run(kind.in(storage()).exists(kind.key(stored))));
  });
}

TEST_P(EveryKind, IsSeenByItsOwnTransactionAlone) {
  of_kind([&](auto& kind) {
    const auto made = kind.make(*this);
    const auto transaction = run(storage().begin());
    const auto stored = run(kind.in(*transaction).create(made));
    EXPECT_TRUE(run(kind.in(*transaction).get(kind.key(stored))));
    EXPECT_FALSE(run(kind.in(storage()).get(kind.key(stored))));
  });
}

TEST_P(EveryKind, IsErasedByItsTransactionOrNot) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto transaction = run(storage().begin());
    EXPECT_TRUE(run(kind.in(*transaction).erase(kind.key(stored))));
    EXPECT_FALSE(run(kind.in(*transaction).get(kind.key(stored))));
    run(transaction->rollback());
    EXPECT_TRUE(run(kind.in(storage()).get(kind.key(stored))));
  });
}

TEST_P(EveryKind, OfOneTenantIsNotFoundByAnother) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto other = storage().for_tenant(Uuid::v7());
    EXPECT_FALSE(run(kind.in(*other).get(kind.key(stored))));
    EXPECT_FALSE(run(kind.in(*other).exists(kind.key(stored))));
    EXPECT_FALSE(run(kind.in(*other).get_batch({kind.key(stored)})).at(0));
  });
}

TEST_P(EveryKind, OfOneTenantIsNotListedByAnother) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto other = storage().for_tenant(Uuid::v7());
    EXPECT_THAT(run(kind.in(*other).list()).items, IsEmpty());
    EXPECT_EQ(run(kind.in(*other).count()), 0);
    EXPECT_FALSE(run(kind.in(*other).exists(kind.only(stored))));
  });
}

TEST_P(EveryKind, OfOneTenantIsNotChangedByAnother) {
  of_kind([&](auto& kind) {
    const auto stored = store(kind);
    const auto other = storage().for_tenant(Uuid::v7());
    EXPECT_FALSE(run(kind.in(*other).update(kind.key(stored), kind.patch())));
    EXPECT_FALSE(run(kind.in(*other).replace(stored)));
    EXPECT_FALSE(run(kind.in(*other).erase(kind.key(stored))));
    EXPECT_EQ(kind.said(run(kind.in(storage()).get(kind.key(stored))).value()), kind.said(stored));
  });
}

}  // namespace
}  // namespace loci::storage::conformance
