#include <loci/storage/metrics.hpp>

#include <algorithm>
#include <map>

#include "storage/conformance/trial.hpp"

// The storage itself: connecting, closing, erasing a user, health and metrics.
namespace loci::storage::conformance {
namespace {

struct Storages : ConformanceAlone {
  static std::map<std::string, std::int64_t> erased(const ErasureReport& report) {
    std::map<std::string, std::int64_t> rows;
    for (const ErasedRows& each : report.tables) rows[each.table] = each.erased;
    return rows;
  }
};
INSTANTIATE_TEST_SUITE_P(Each, Storages, every_storage(), storage_name);

TEST_P(Storages, Connect) {
  EXPECT_EQ(refusal(storage().connect()), "nothing");
}

TEST_P(Storages, AnswerAPing) {
  EXPECT_EQ(refusal(storage().ping()), "nothing");
}

TEST_P(Storages, TakeNothingOnceTheyAreClosed) {
  storage().close();
  EXPECT_EQ(refusal(storage().ping()), "closed");
  EXPECT_EQ(refusal(conversations().create({.user_id = "ann"})), "closed");
  EXPECT_EQ(refusal(storage().begin()), "closed");
}

TEST_P(Storages, LetATransactionGoOnWhenTheyAreClosed) {
  const auto transaction = run(storage().begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  storage().close();
  EXPECT_EQ(refusal(transaction->commit()), "nothing");
}

TEST_P(Storages, HaveNothingToMigrateWhenTheyAreAtTheirSchema) {
  EXPECT_THAT(run(storage().migrate()), IsEmpty());
}

TEST_P(Storages, AreOnTimeOrSaySo) {
  EXPECT_EQ(refusal(conversations().count({}, Deadline::after(std::chrono::seconds(-1)))),
            "timeout");
}

TEST_P(Storages, TellOfTheirHealth) {
  const Health health = run(storage().health());
  ASSERT_THAT(health.checks, testing::Not(IsEmpty()));
  const auto server = std::ranges::find(health.checks, "server", &HealthCheck::name);
  ASSERT_NE(server, health.checks.end());
  EXPECT_NE(server->status, HealthStatus::fail);
}

TEST_P(Storages, TellWhatIsAmissInsteadOfThrowing) {
  storage().close();
  EXPECT_EQ(run(storage().health()).status(), HealthStatus::fail);
}

TEST_P(Storages, CountWhatTheyDid) {
  (void)conversation();
  const Metrics metrics = storage().metrics();
  ASSERT_THAT(metrics.statements, testing::Not(IsEmpty()));
  EXPECT_GT(metrics.statements[0].calls, 0U);
  EXPECT_THAT(to_prometheus(metrics), testing::HasSubstr(metrics.statements[0].name));
}

TEST_P(Storages, EraseEverythingOfAUser) {
  const auto home = talk({"a", "b"}, "ann");
  const auto made = call(home.id);
  NewMemory memory = new_memory("m", "ann");
  memory.sources = {made.message_id};
  const auto remembered = run(memories().create(memory));
  (void)run(memories().update(remembered.id, {.importance = 1}));
  run(embeddings().store(
      {{.model_id = model().id, .content_id = made.message_id, .embedding = {{1, 0, 0}}},
       {.model_id = model().id,
        .content_type = "memory",
        .content_id = remembered.id,
        .embedding = {{1, 0, 0}}}}));

  const auto rows = erased(run(storage().erase_user("ann")));
  EXPECT_EQ(rows.at("conversations"), 1);
  EXPECT_EQ(rows.at("messages"), 3);
  EXPECT_EQ(rows.at("tool_executions"), 1);
  EXPECT_EQ(rows.at("memories"), 1);
  EXPECT_EQ(rows.at("memory_versions"), 1);
  EXPECT_EQ(rows.at("memory_sources"), 1);
  EXPECT_EQ(rows.at("embeddings"), 2);
}

TEST_P(Storages, LeaveNothingOfAnErasedUser) {
  const auto home = talk({"a", "b"}, "ann");
  const auto made = call(home.id);
  (void)run(memories().create(new_memory("m", "ann")));
  run(embeddings().store(
      {{.model_id = model().id, .content_id = made.message_id, .embedding = {{1, 0, 0}}}}));
  const auto report = run(storage().erase_user("ann"));
  EXPECT_EQ(report.user_id, "ann");
  for (const ErasedRows& rows : report.tables) EXPECT_EQ(rows.left, 0) << rows.table;
  EXPECT_EQ(run(messages().count()), 0);
  EXPECT_EQ(run(executions().count()), 0);
  EXPECT_EQ(run(memories().count()), 0);
  EXPECT_EQ(run(embeddings().count()), 0);
  EXPECT_THAT(run(conversations().list({}, {.deleted = Deleted::include})).items, IsEmpty());
}

TEST_P(Storages, EraseWhatAUserHadErasedBefore) {
  const auto gone = talk({"a"}, "ann");
  (void)run(conversations().erase(gone.id));
  const auto forgotten = run(memories().create(new_memory("m", "ann")));
  (void)run(memories().erase(forgotten.id));
  const auto rows = erased(run(storage().erase_user("ann")));
  EXPECT_EQ(rows.at("conversations"), 1);
  EXPECT_EQ(rows.at("memories"), 1);
}

TEST_P(Storages, LeaveOtherUsersAlone) {
  (void)talk({"a"}, "ann");
  (void)talk({"b", "c"}, "bob");
  (void)run(memories().create(new_memory("m", "bob")));
  (void)run(storage().erase_user("ann"));
  EXPECT_EQ(run(conversations().count()), 1);
  EXPECT_EQ(run(messages().count()), 2);
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Storages, EraseNothingOfAUserWhoIsNotThere) {
  (void)talk({"a"}, "ann");
  for (const auto& [table, rows] : erased(run(storage().erase_user("zoe")))) {
    EXPECT_EQ(rows, 0) << table;
  }
  EXPECT_EQ(run(conversations().count()), 1);
}

TEST_P(Storages, RefuseToEraseAUserWithoutAFormThatIsOne) {
  EXPECT_EQ(refusal(storage().erase_user(std::string("a\0b", 3))), "invalid argument");
}

}  // namespace
}  // namespace loci::storage::conformance
