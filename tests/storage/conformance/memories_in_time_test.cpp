#include <cmath>

#include "storage/conformance/memories.hpp"

// What becomes of memories: their versions, what takes their place, expiry, and how much they
// count.
namespace loci::storage::conformance {
namespace {

using namespace std::chrono_literals;

TEST_P(Memories, KnowWhatTheyWereBeforeEachChange) {
  const auto stored = remember("first");
  (void)run(memories().update(stored.id, {.content = "second", .importance = 0.75}));
  (void)run(memories().update(stored.id, {.content = "third"}));
  const auto versions = run(memories().versions(stored.id));
  EXPECT_THAT(each(versions, &MemoryVersion::content), ElementsAre("first", "second"));
  EXPECT_THAT(each(versions, &MemoryVersion::version), ElementsAre(1, 2));
  EXPECT_EQ(versions[1].importance, 0.75);
  EXPECT_EQ(versions[0].valid_from, stored.valid_from);
}

TEST_P(Memories, ThatWereNeverChangedHaveNoVersions) {
  EXPECT_THAT(run(memories().versions(remember("x").id)), IsEmpty());
  EXPECT_THAT(run(memories().versions(nobody())), IsEmpty());
}

TEST_P(Memories, KeepNoVersionOfAChangeThatWasUndone) {
  const auto stored = remember("first");
  {
    const auto transaction = run(storage().begin());
    (void)run(transaction->memories().update(stored.id, {.content = "second"}));
  }
  EXPECT_THAT(run(memories().versions(stored.id)), IsEmpty());
}

TEST_P(Memories, KnowTheMessagesTheyCameFrom) {
  const auto said = say(conversation().id, {"a", "b", "c"});
  NewMemory made = new_memory("x");
  made.sources = {said[2].id, said[0].id, said[2].id};
  EXPECT_THAT(run(memories().sources(remember(made).id)),
              testing::UnorderedElementsAre(said[0].id, said[2].id));
  EXPECT_THAT(run(memories().sources(nobody())), IsEmpty());
}

// Supersede.
TEST_P(Memories, ThatAreSupersededEndWhereTheNewOneBegins) {
  const auto old = remember("lives in Bonn");
  NewMemory by = new_memory("lives in Berlin");
  by.valid_from = old.valid_from + 24h;
  const auto next = run(memories().supersede(old.id, by));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->content, "lives in Berlin");
  EXPECT_EQ(again(old).superseded_by, next->id);
  EXPECT_EQ(again(old).valid_to, by.valid_from);
}

TEST_P(Memories, ThatEndedBeforeTheyAreSupersededKeepTheirEnd) {
  NewMemory made = new_memory("lives in Bonn");
  made.valid_from = at("2019-01-01");
  made.valid_to = at("2020-01-01");
  const auto old = remember(made);
  (void)run(memories().supersede(old.id, new_memory("lives in Berlin")));
  EXPECT_EQ(again(old).valid_to, made.valid_to);
}

TEST_P(Memories, ThatAreSupersededGoOneVersionFurther) {
  const auto old = remember("x");
  (void)run(memories().supersede(old.id, new_memory("y")));
  EXPECT_EQ(again(old).version, 2);
}

TEST_P(Memories, ThatAreSupersededAreNotSupersededAgain) {
  const auto old = remember("x");
  (void)run(memories().supersede(old.id, new_memory("y")));
  EXPECT_FALSE(run(memories().supersede(old.id, new_memory("z"))));
  EXPECT_EQ(run(memories().count()), 2);
}

TEST_P(Memories, ThatAreNotThereAreNotSuperseded) {
  EXPECT_FALSE(run(memories().supersede(nobody(), new_memory("z"))));
  EXPECT_EQ(run(memories().count()), 0);
}

TEST_P(Memories, MayBeSupersededByTheSameContent) {
  const auto old = remember("x");
  EXPECT_TRUE(run(memories().supersede(old.id, new_memory("x"))));
}

TEST_P(Memories, AreNotSupersededByWhatCannotBeStored) {
  const auto old = remember("x");
  NewMemory by = new_memory("y");
  by.sources = {nobody()};
  EXPECT_EQ(refusal(memories().supersede(old.id, by)), "23503");
  EXPECT_EQ(again(old).superseded_by, std::nullopt);
}

TEST_P(Memories, AreNotSupersededByOneThatIsThere) {
  const auto old = remember("x");
  (void)remember("y");
  EXPECT_EQ(refusal(memories().supersede(old.id, new_memory("y"))), "23505");
  EXPECT_EQ(again(old).superseded_by, std::nullopt);
}

// Expiry.
TEST_P(Memories, ThatHaveExpiredAreSeenNowhere) {
  const auto gone = remember(expiring("x", at("2020-01-01")));
  EXPECT_FALSE(run(memories().get(gone.id)));
  EXPECT_FALSE(run(memories().exists(gone.id)));
  EXPECT_FALSE(run(memories().update(gone.id, {.importance = 1})));
  EXPECT_FALSE(run(memories().erase(gone.id)));
  EXPECT_FALSE(run(memories().supersede(gone.id, new_memory("y"))));
  EXPECT_EQ(run(memories().touch({gone.id})), 0);
  EXPECT_EQ(run(memories().count()), 0);
  EXPECT_THAT(run(memories().list()).items, IsEmpty());
  EXPECT_THAT(run(memories().most_important({}, 9)), IsEmpty());
}

TEST_P(Memories, ThatArePinnedDoNotExpire) {
  NewMemory made = expiring("x", at("2020-01-01"));
  made.pinned = true;
  EXPECT_TRUE(run(memories().get(remember(made).id)));
}

TEST_P(Memories, ThatHaveExpiredGiveWayToTheSame) {
  (void)remember(expiring("x", at("2020-01-01")));
  EXPECT_EQ(remember("x").version, 1);
}

TEST_P(Memories, ThatHaveExpiredGiveWayToOneThatIsChangedIntoTheSame) {
  (void)remember(expiring("x", at("2020-01-01")));
  const auto other = remember("y");
  EXPECT_EQ(run(memories().update(other.id, {.content = "x"})).value().content, "x");
  NewMemory episode = expiring("x", at("2020-01-01"));
  episode.kind = "episodic";
  (void)remember(episode);
  EXPECT_EQ(run(memories().update(other.id, {.kind = "episodic"})).value().kind, "episodic");
  EXPECT_EQ(run(memories().sweep(now())), 0) << "they are gone";
}

TEST_P(Memories, ThatHaveExpiredStayWhenTheChangeIsRefused) {
  (void)remember(expiring("x", at("2020-01-01")));
  const auto other = remember("y");
  EXPECT_EQ(refusal(memories().update(other.id, {.content = "x", .if_version = 7})), "conflict");
  EXPECT_EQ(run(memories().sweep(now())), 1);
}

TEST_P(Memories, UpsertedAfterTheyExpiredAreNew) {
  (void)remember(expiring("x", at("2020-01-01")));
  EXPECT_TRUE(run(memories().upsert(new_memory("x"))).created);
}

TEST_P(Memories, AreSweptOnceTheyHaveExpired) {
  (void)remember(expiring("gone", at("2020-01-01")));
  (void)remember(expiring("later", at("2200-01-01")));
  (void)remember("kept");
  EXPECT_EQ(run(memories().sweep(now())), 1);
  EXPECT_EQ(run(memories().sweep(now())), 0);
  EXPECT_EQ(run(memories().count()), 2);
  EXPECT_EQ(run(memories().sweep(at("2201-01-01"))), 1);
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Memories, AreSweptSoManyAtATime) {
  for (const char* content : {"a", "b", "c"}) (void)remember(expiring(content, at("2020-01-01")));
  EXPECT_EQ(run(memories().sweep(now(), 2)), 2);
  EXPECT_EQ(run(memories().sweep(now(), 2)), 1);
}

TEST_P(Memories, ThatArePinnedAreNotSwept) {
  NewMemory made = expiring("x", at("2020-01-01"));
  made.pinned = true;
  (void)remember(made);
  EXPECT_EQ(run(memories().sweep(now())), 0);
}

TEST_P(Memories, ThatAreSweptTakeTheirVectorsWithThem) {
  const auto stored = remember(expiring("x", at("2200-01-01")));
  (void)run(embeddings().create({.model_id = model().id,
                                 .content_type = "memory",
                                 .content_id = stored.id,
                                 .embedding = {{1, 0, 0}}}));
  (void)run(memories().sweep(at("2201-01-01")));
  EXPECT_EQ(run(embeddings().count()), 0);
}

// Touch and importance.
TEST_P(Memories, OfAnyAgeHaveAnImportance) {
  Memory old;
  old.importance = 1;
  old.created_at = Timestamp::min();
  EXPECT_EQ(decayed_importance(old, Timestamp::max(), 1h), 0);
  old.created_at = Timestamp::max();
  EXPECT_EQ(decayed_importance(old, Timestamp::min(), 1h), 1);
}

TEST_P(Memories, CountTheirAccesses) {
  const auto stored = remember("x");
  EXPECT_EQ(run(memories().touch({stored.id, nobody()})), 1);
  EXPECT_EQ(run(memories().touch({stored.id})), 1);
  EXPECT_EQ(again(stored).access_count, 2);
  EXPECT_TRUE(again(stored).last_accessed_at);
}

TEST_P(Memories, StayTheSameVersionWhenTheyAreTouched) {
  const auto stored = remember("x");
  (void)run(memories().touch({stored.id}));
  EXPECT_EQ(again(stored).version, stored.version);
  EXPECT_THAT(run(memories().versions(stored.id)), IsEmpty());
}

TEST_P(Memories, TouchedTwiceInOneCallCountOnce) {
  const auto stored = remember("x");
  EXPECT_EQ(run(memories().touch({stored.id, stored.id})), 1);
  EXPECT_EQ(again(stored).access_count, 1);
}

TEST_P(Memories, AreTouchedWhenThereIsNothingToTouch) {
  EXPECT_EQ(run(memories().touch({})), 0);
}

TEST_P(Memories, AreInOrderOfWhatTheyStillCount) {
  const auto make = [&](std::string content, double importance, Timestamp created, bool pinned) {
    NewMemory made = new_memory(std::move(content));
    made.importance = importance;
    made.created_at = created;
    made.valid_from = created;
    made.pinned = pinned;
    (void)remember(made);
  };
  make("new, little", 0.3, now() - 1h, false);
  make("old, much", 0.9, now() - std::chrono::days(300), false);
  make("old, pinned", 0.5, now() - std::chrono::days(300), true);
  make("new, much", 0.8, now() - 1h, false);
  EXPECT_THAT(contents(run(memories().most_important({}, 9))),
              ElementsAre("new, much", "old, pinned", "new, little", "old, much"));
  EXPECT_THAT(contents(run(memories().most_important({}, 2, 0s))),
              ElementsAre("old, much", "new, much"));
}

TEST_P(Memories, CountAnewFromWhenTheyWereTouched) {
  NewMemory made = new_memory("old");
  made.importance = 0.9;
  made.created_at = now() - std::chrono::days(300);
  const auto old = remember(made);
  (void)remember("new");
  EXPECT_THAT(contents(run(memories().most_important({}, 9))), ElementsAre("new", "old"));
  (void)run(memories().touch({old.id}));
  EXPECT_THAT(contents(run(memories().most_important({}, 9))), ElementsAre("old", "new"));
}

TEST_P(Memories, ThatCountAreThoseThatAreValidNow) {
  NewMemory past = new_memory("past");
  past.valid_from = at("2000-01-01");
  past.valid_to = at("2001-01-01");
  NewMemory future = new_memory("future");
  future.valid_from = at("2200-01-01");
  (void)remember(past);
  (void)remember(future);
  (void)remember("present");
  EXPECT_THAT(contents(run(memories().most_important({}, 9))), ElementsAre("present"));
}

TEST_P(Memories, ThatCountAreThoseOfTheFilter) {
  (void)remember("of ann");
  (void)remember(new_memory("of bob", "bob"));
  EXPECT_THAT(contents(run(memories().most_important(MemoryFields::user_id.eq("bob"), 9))),
              ElementsAre("of bob"));
}

}  // namespace
}  // namespace loci::storage::conformance
