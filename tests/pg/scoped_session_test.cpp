// Settings that ride in each statement's own Sync group, on both lanes and inside a transaction.
#include <loci/pg/scoped_session.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <loci/pg/transaction.hpp>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::query;
using test::reading;
using test::soon;
using test::value;
using namespace std::chrono_literals;
using Settings = std::map<std::string, std::string>;

constexpr std::string_view k_tenant =
    "select coalesce(current_setting('loci.tenant_id', true), '')";

/// A statement for one lane or the other.
using Ask = Request (*)(std::string_view sql);
Request exclusively(std::string_view sql) {
  return query(sql);
}
Request shared(std::string_view sql) {
  return reading(sql);
}

struct ScopedSessions : testing::TestWithParam<Ask> {
  // One connection for each lane, so that whatever is left behind is found.
  ScopedSessions() : db({.max_connections = 1}, 2) {}

  std::string tenant_of(Session& session, Deadline deadline = soon()) {
    return db.run(value<type::Text>(session, GetParam()(k_tenant), deadline));
  }
  ScopedSession scoped(Settings settings) {
    return {db.pool, ScopedSession::Inside::pool, settings};
  }

  Database db;
};

INSTANTIATE_TEST_SUITE_P(Lanes, ScopedSessions, testing::Values(exclusively, shared),
                         [](const auto& which) {
                           return which.param == exclusively ? "Exclusive" : "Shared";
                         });

TEST_P(ScopedSessions, AStatementFindsThemAndLeavesNothingBehind) {
  ScopedSession ann = scoped({{"loci.tenant_id", "ann"}});
  ScopedSession bob = scoped({{"loci.tenant_id", "bob"}});
  EXPECT_EQ(tenant_of(db.pool), "");
  EXPECT_EQ(tenant_of(ann), "ann");
  EXPECT_EQ(tenant_of(db.pool), "");
  EXPECT_EQ(tenant_of(bob), "bob");
  EXPECT_EQ(tenant_of(ann), "ann");
}

TEST_P(ScopedSessions, SeveralSettingsHoldAtOnceWhateverIsInThem) {
  ScopedSession session =
      scoped({{"loci.tenant_id", R"(it's a "\ name)"}, {"statement_timeout", "77s"}});
  EXPECT_EQ(tenant_of(session), R"(it's a "\ name)");
  EXPECT_EQ(
      db.run(value<type::Text>(session, GetParam()("select current_setting('statement_timeout')"))),
      "77s");
}

TEST_P(ScopedSessions, HoldBesideADeadlineThatIsNear) {
  ScopedSession session = scoped({{"loci.tenant_id", "ann"}});
  EXPECT_EQ(tenant_of(session, Deadline::after(900ms)), "ann");
  EXPECT_EQ(tenant_of(db.pool), "");
}

TEST_P(ScopedSessions, EachOfSeveralStatementsHasThemAndItsOwnError) {
  ScopedSession session = scoped({{"loci.tenant_id", "ann"}});
  std::vector<Request> requests;
  requests.push_back(GetParam()(k_tenant));
  requests.push_back(GetParam()("select 1 / (select 0)"));
  requests.push_back(GetParam()(k_tenant));
  const auto results = db.run(session.execute(std::move(requests), soon()));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].row(0).get<type::Text>(0), "ann");
  ASSERT_NE(results[1].error(), nullptr);
  EXPECT_EQ(results[1].error()->sqlstate(), "22012");
  EXPECT_EQ(results[2].row(0).get<type::Text>(0), "ann");
  EXPECT_EQ(tenant_of(db.pool), "");
}

TEST_P(ScopedSessions, AStatementWhoseSettingIsRefusedDoesNotRun) {
  ScopedSession broken = scoped({{"work_mem", "a lot"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(error_of([&] { return tenant_of(broken); }).sqlstate(), "22023");
    EXPECT_EQ(tenant_of(db.pool), "") << "the same statement, prepared meanwhile";
  }
}

TEST_P(ScopedSessions, ASettingThatIsRefusedConcernsItsOwnStatementAlone) {
  std::vector<Request> requests;
  for (const char* settings : {"select set_config('work_mem', 'a lot', true)",
                               "select set_config('loci.tenant_id', 'ann', true)"}) {
    requests.push_back(GetParam()(k_tenant));
    requests.back().settings = std::make_shared<const std::string>(settings);
  }
  requests.push_back(GetParam()(k_tenant));
  const auto results = db.run(db.pool.execute(std::move(requests), soon()));
  ASSERT_NE(results[0].error(), nullptr);
  EXPECT_EQ(results[0].error()->sqlstate(), "22023");
  EXPECT_EQ(results[1].row(0).get<type::Text>(0), "ann");
  EXPECT_EQ(results[2].row(0).get<type::Text>(0), "");
}

TEST_P(ScopedSessions, ManyAtOnceNeverReadEachOthers) {
  const auto reader = [](Session& session, Ask how, std::string mine) -> awaitable<int> {
    int wrong = 0;
    for (int i = 0; i < 50; ++i) {
      wrong += co_await value<type::Text>(session, how(k_tenant)) == mine ? 0 : 1;
    }
    co_return wrong;
  };
  std::vector<ScopedSession> sessions;
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) {
    names.push_back(i == 0 ? "" : "tenant " + std::to_string(i));
    sessions.push_back(scoped({{"loci.tenant_id", names.back()}}));
  }
  std::vector<std::future<int>> readers;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    readers.push_back(boost::asio::co_spawn(
        db.runtime.executor(),
        reader(i == 0 ? static_cast<Session&>(db.pool) : sessions[i], GetParam(), names[i]),
        boost::asio::use_future));
  }
  for (auto& each : readers) EXPECT_EQ(each.get(), 0);
}

TEST_P(ScopedSessions, InATransactionTheyHoldFromTheFirstStatementToItsEnd) {
  {
    Transaction transaction = db.run(Transaction::begin(db.pool, {}, soon()));
    ScopedSession session(transaction, ScopedSession::Inside::transaction,
                          {{"loci.tenant_id", "ann"}});
    EXPECT_EQ(tenant_of(session), "ann");
    EXPECT_EQ(tenant_of(transaction), "ann");
    db.run(transaction.commit(soon()));
  }
  EXPECT_EQ(tenant_of(db.pool), "");
}

TEST_P(ScopedSessions, HoldAgainAfterASavepointThatWasUndone) {
  Transaction transaction = db.run(Transaction::begin(db.pool, {}, soon()));
  ScopedSession outside(transaction, ScopedSession::Inside::transaction,
                        {{"loci.tenant_id", "ann"}});
  {
    Savepoint part = db.run(transaction.nested(soon()));
    ScopedSession inside(part, ScopedSession::Inside::transaction, {{"loci.tenant_id", "ann"}});
    EXPECT_EQ(tenant_of(inside), "ann");
    EXPECT_EQ(error_of([&] { return db.run(ask(inside, query("select 1 / 0"))); }).sqlstate(),
              "22012");
  }
  EXPECT_EQ(tenant_of(outside), "ann");
}

TEST_P(ScopedSessions, ReadingThemCostsNoRoundTripOfItsOwn) {
  ScopedSession session = scoped({{"loci.tenant_id", "ann"}});
  (void)tenant_of(session);
  const auto calls = [&] {
    std::uint64_t all = 0;
    for (const StatementStatistics& each : db.pool.statement_statistics()) all += each.calls;
    return all;
  };
  const std::uint64_t before = calls();
  (void)tenant_of(session);
  EXPECT_EQ(calls(), before + 1);
}

TEST(ScopedSession, RefusesASettingWithANul) {
  Database db;
  for (const auto& [name, setting] : {std::pair(std::string("a\0b", 3), std::string("x")),
                                      std::pair(std::string("a.b"), std::string("x\0y", 3))}) {
    EXPECT_EQ(error_of([&, name = name, setting = setting] {
                return ScopedSession(db.pool, ScopedSession::Inside::pool, {{name, setting}}), 1;
              }).kind(),
              ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace loci::pg
