#include <loci/storage/limits.hpp>

#include <cmath>

#include "storage/conformance/memories.hpp"

// What memories are, and what happens to one that is told again.
namespace loci::storage::conformance {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(Storages, Memories, every_storage(), storage_name);

TEST_P(Memories, KeepTheirScope) {
  NewMemory made = new_memory("x");
  made.scope = {.user_id = "ann",
                .agent_id = "coder",
                .conversation_id = conversation().id,
                .name_space = "work"};
  EXPECT_EQ(again(remember(made)).scope, made.scope);
}

TEST_P(Memories, KeepTheirTimes) {
  NewMemory made = new_memory("x");
  made.valid_from = at("2020-01-01");
  made.valid_to = at("2021-01-01");
  made.expires_at = at("2200-01-01T00:00:00.000001Z");
  made.created_at = at("2019-01-01");
  const auto stored = again(remember(made));
  EXPECT_EQ(stored.valid_from, made.valid_from);
  EXPECT_EQ(stored.valid_to, made.valid_to);
  EXPECT_EQ(stored.expires_at, made.expires_at);
  EXPECT_EQ(stored.created_at, made.created_at);
}

TEST_P(Memories, AreNotEmpty) {
  EXPECT_EQ(refusal(memories().create(new_memory(""))), "invalid argument");
}

TEST_P(Memories, CountFromNothingToOne) {
  NewMemory made = new_memory("x");
  for (const double importance : {-0.01, 1.01, std::nan("")}) {
    made.importance = importance;
    EXPECT_EQ(refusal(memories().create(made)), "invalid argument") << importance;
  }
}

TEST_P(Memories, AreOfAKindThatThereIs) {
  for (const char* kind : {"episodic", "semantic", "procedural", "working"}) {
    NewMemory made = new_memory(kind);
    made.kind = kind;
    EXPECT_EQ(remember(made).kind, kind);
  }
}

TEST_P(Memories, DoNotEndBeforeTheyBegin) {
  NewMemory made = new_memory("x");
  made.valid_from = at("2021-01-01");
  made.valid_to = at("2020-01-01");
  EXPECT_EQ(refusal(memories().create(made)), "23514");
}

TEST_P(Memories, AreNotChangedToEndBeforeTheyBegin) {
  const auto stored = remember("x");
  EXPECT_EQ(refusal(memories().update(stored.id, {.valid_to = std::optional(at("1999-01-01"))})),
            "23514");
}

TEST_P(Memories, OfAConversationThatIsNotThereAreRefused) {
  NewMemory made = new_memory("x");
  made.scope.conversation_id = nobody();
  EXPECT_EQ(refusal(memories().create(made)), "23503");
}

TEST_P(Memories, FromAMessageThatIsNotThereAreRefused) {
  NewMemory made = new_memory("x");
  made.sources = {nobody()};
  EXPECT_EQ(refusal(memories().create(made)), "23503");
}

TEST_P(Memories, MayComeFromAMessageOfAnErasedConversation) {
  const auto said = say_one(conversation().id);
  (void)run(conversations().erase(said.conversation_id));
  NewMemory made = new_memory("x");
  made.sources = {said.id};
  EXPECT_THAT(run(memories().sources(remember(made).id)), ElementsAre(said.id));
}

TEST_P(Memories, FromMoreMessagesThanTheLimitAreRefused) {
  NewMemory made = new_memory("x");
  made.sources.assign(limits::keys + 1, nobody());
  EXPECT_EQ(refusal(memories().create(made)), "invalid argument");
  EXPECT_EQ(refusal(memories().create_batch({made})), "invalid argument");
  EXPECT_EQ(refusal(memories().upsert(made)), "invalid argument");
}

TEST_P(Memories, LoseTheirEndByAnExplicitNull) {
  NewMemory made = new_memory("x");
  made.valid_to = at("2200-01-01");
  made.expires_at = at("2200-01-01");
  const auto stored = remember(made);
  const auto kept = run(memories().update(stored.id, {.importance = 0.1})).value();
  EXPECT_EQ(kept.valid_to, made.valid_to);
  const auto lost = run(memories().update(stored.id, {.valid_to = std::optional<Timestamp>(),
                                                      .expires_at = std::optional<Timestamp>()}));
  EXPECT_EQ(lost.value().valid_to, std::nullopt);
  EXPECT_EQ(lost.value().expires_at, std::nullopt);
}

// The same twice.
TEST_P(Memories, OfTheSameContentAreRefused) {
  (void)remember("x");
  EXPECT_EQ(refusal(memories().create(new_memory("x"))), "23505");
}

TEST_P(Memories, OfTheSameContentButAnotherScopeOrKindAreNot) {
  (void)remember("x");
  NewMemory of_bob = new_memory("x", "bob");
  NewMemory of_agent = new_memory("x");
  of_agent.scope.agent_id = "coder";
  NewMemory of_space = new_memory("x");
  of_space.scope.name_space = "work";
  NewMemory episode = new_memory("x");
  episode.kind = "episodic";
  NewMemory there = new_memory("x");
  there.scope.conversation_id = conversation().id;
  EXPECT_THAT(run(memories().create_batch({of_bob, of_agent, of_space, episode, there})),
              SizeIs(5));
}

TEST_P(Memories, AreNotChangedIntoOneThatIsThere) {
  (void)remember("x");
  const auto other = remember("y");
  EXPECT_EQ(refusal(memories().update(other.id, {.content = "x"})), "23505");
}

TEST_P(Memories, ThatAreErasedMayBeStoredAgain) {
  (void)run(memories().erase(remember("x").id));
  EXPECT_EQ(remember("x").version, 1);
}

TEST_P(Memories, ThatAreErasedAreListedWhenAskedFor) {
  (void)run(memories().erase(remember("gone").id));
  (void)remember("kept");
  const auto list = [&](Deleted deleted) {
    return contents(run(memories().list({}, {.deleted = deleted})).items);
  };
  EXPECT_THAT(list(Deleted::exclude), ElementsAre("kept"));
  EXPECT_THAT(list(Deleted::include), testing::UnorderedElementsAre("gone", "kept"));
  EXPECT_THAT(list(Deleted::only), ElementsAre("gone"));
}

TEST_P(Memories, ThatWereErasedLongEnoughAgoArePurged) {
  const auto gone = remember("gone");
  (void)remember("kept");
  (void)run(memories().erase(gone.id));
  EXPECT_EQ(run(memories().purge_deleted(gone.created_at - 1h)), 0);
  EXPECT_EQ(run(memories().purge_deleted(gone.created_at + 1h)), 1);
  EXPECT_EQ(run(memories().purge_deleted(gone.created_at + 1h)), 0);
  EXPECT_EQ(run(memories().count()), 1);
}

// Upsert.
TEST_P(Memories, UpsertedOnceAreCreated) {
  const auto upserted = run(memories().upsert(new_memory("x")));
  EXPECT_TRUE(upserted.created);
  EXPECT_EQ(upserted.memory.version, 1);
}

TEST_P(Memories, UpsertedTwiceAreOne) {
  const auto first = run(memories().upsert(new_memory("x")));
  const auto second = run(memories().upsert(new_memory("x")));
  EXPECT_FALSE(second.created);
  EXPECT_EQ(second.memory.id, first.memory.id);
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Memories, UpsertedByManyAtOnceAreOne) {
  std::vector<Task<void>> works;
  for (int i = 0; i < 20; ++i) {
    works.push_back([](MemoryRepository& all) -> Task<void> {
      (void)co_await all.upsert(new_memory("x"));
    }(memories()));
  }
  run_all(std::move(works));
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Memories, UpsertedAgainKeepTheGreaterImportance) {
  NewMemory made = new_memory("x");
  for (const double importance : {0.4, 0.8, 0.2}) {
    made.importance = importance;
    (void)run(memories().upsert(made));
  }
  EXPECT_EQ(run(memories().upsert(made)).memory.importance, 0.8);
}

TEST_P(Memories, UpsertedAgainKeepTheLaterExpiry) {
  (void)run(memories().upsert(expiring("x", at("2200-01-01"))));
  EXPECT_EQ(run(memories().upsert(expiring("x", at("2100-01-01")))).memory.expires_at,
            at("2200-01-01"));
  EXPECT_EQ(run(memories().upsert(expiring("x", at("2300-01-01")))).memory.expires_at,
            at("2300-01-01"));
}

TEST_P(Memories, UpsertedAgainWithoutAnExpiryHaveNone) {
  (void)run(memories().upsert(expiring("x", at("2200-01-01"))));
  EXPECT_EQ(run(memories().upsert(new_memory("x"))).memory.expires_at, std::nullopt);
  EXPECT_EQ(run(memories().upsert(expiring("x", at("2200-01-01")))).memory.expires_at,
            std::nullopt);
}

TEST_P(Memories, UpsertedAgainStayPinned) {
  NewMemory pinned = new_memory("x");
  pinned.pinned = true;
  (void)run(memories().upsert(new_memory("x")));
  EXPECT_TRUE(run(memories().upsert(pinned)).memory.pinned);
  EXPECT_TRUE(run(memories().upsert(new_memory("x"))).memory.pinned);
}

TEST_P(Memories, UpsertedAgainGainMetadata) {
  NewMemory made = new_memory("x");
  made.metadata = {R"({"a": 1, "b": 1})"};
  (void)run(memories().upsert(made));
  made.metadata = {R"({"b": 2, "c": 3})"};
  EXPECT_EQ(run(memories().upsert(made)).memory.metadata.text, R"({"a": 1, "b": 2, "c": 3})");
}

TEST_P(Memories, UpsertedAgainGainSources) {
  const auto said = say(conversation().id, {"a", "b"});
  NewMemory made = new_memory("x");
  made.sources = {said[0].id};
  const auto id = run(memories().upsert(made)).memory.id;
  made.sources = {said[1].id, said[0].id};
  (void)run(memories().upsert(made));
  EXPECT_THAT(run(memories().sources(id)), testing::UnorderedElementsAre(said[0].id, said[1].id));
}

TEST_P(Memories, UpsertedAfterTheyEndedAreTrueAgain) {
  NewMemory made = new_memory("x");
  made.valid_from = at("2020-01-01");
  made.valid_to = at("2021-01-01");
  const auto ended = remember(made);
  made.valid_from = at("2024-01-01");
  made.valid_to.reset();
  const auto upserted = run(memories().upsert(made));
  EXPECT_FALSE(upserted.created);
  EXPECT_EQ(upserted.memory.id, ended.id);
  EXPECT_EQ(upserted.memory.valid_from, at("2024-01-01"));
  EXPECT_EQ(upserted.memory.valid_to, std::nullopt);
  EXPECT_THAT(run(memories().most_important({}, 9)), SizeIs(1));
  EXPECT_THAT(each(run(memories().versions(ended.id)), &MemoryVersion::valid_to),
              ElementsAre(at("2021-01-01")));
}

TEST_P(Memories, UpsertedWhileTheyAreTrueKeepTheirSpan) {
  NewMemory made = new_memory("x");
  made.valid_from = at("2020-01-01");
  made.valid_to = at("2200-01-01");
  (void)remember(made);
  const auto upserted = run(memories().upsert(new_memory("x"))).memory;
  EXPECT_EQ(upserted.valid_from, made.valid_from);
  EXPECT_EQ(upserted.valid_to, made.valid_to);
}

TEST_P(Memories, UpsertedToEndBeforeTheyBeginAreRefused) {
  (void)remember("x");
  NewMemory made = new_memory("x");
  made.valid_from = at("2021-01-01");
  made.valid_to = at("2020-01-01");
  EXPECT_EQ(refusal(memories().upsert(made)), "23514");
}

TEST_P(Memories, UpsertedAfterTheyWereErasedAreNew) {
  (void)run(memories().erase(remember("x").id));
  EXPECT_TRUE(run(memories().upsert(new_memory("x"))).created);
}

TEST_P(Memories, UpsertedOfNoFormAreRefused) {
  EXPECT_EQ(refusal(memories().upsert(new_memory(""))), "invalid argument");
}

// Versions and sources.
}  // namespace
}  // namespace loci::storage::conformance
