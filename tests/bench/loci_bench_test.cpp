#include <loci/base/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pg/embedded/sql.hpp"
#include "support/program.hpp"
#include "support/test_server.hpp"

namespace loci::bench {
namespace {

using pg::embedded::run_statement;
using test::ProgramEnd;
using test::TestServer;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

// The comparison's tables with a handful of rows: three conversations of 50 messages.
constexpr const char* k_tables = R"sql(do $$ begin
create table conversations (id uuid primary key, user_id text not null, title text not null,
  metadata jsonb not null default '{}', created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(), deleted_at timestamptz);
create table messages (id uuid primary key, conversation_id uuid not null, role text not null,
  content text not null, metadata jsonb not null default '{}',
  created_at timestamptz not null default now());
create table w_conversations (like conversations including all);
create table w_messages (like messages including all,
  foreign key (conversation_id) references w_conversations (id));
create table bulk_messages (like messages including all);
create table bench_keys (n int primary key, id uuid not null);
create table embeddings (id uuid primary key, embedding vector(384) not null);
create table bench_queries (n int primary key, v vector(384) not null);

insert into bench_keys select n, md5('c' || n)::uuid from generate_series(0, 2) n;
insert into conversations select id, 'user', 'title', '{}' from bench_keys;
insert into w_conversations select * from conversations;
insert into messages select gen_random_uuid(), id, 'user', 'text' from bench_keys, generate_series(1, 51);
insert into embeddings
  select gen_random_uuid(), array_fill(n, '{384}')::vector from generate_series(1, 11) n;
insert into bench_queries select n, array_fill(n + 1, '{384}')::vector from generate_series(0, 2) n;
end $$)sql";

class TinyDatabase {
public:
  TinyDatabase() { run_statement(dsn(), k_tables); }

  [[nodiscard]] std::string dsn() const { return TestServer::instance().dsn(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }
  std::string operator()(const std::string& sql) const { return run_statement(dsn(), sql); }

private:
  std::string name_ = TestServer::instance().fresh_database_name();
};

ProgramEnd loci_bench(Words arguments) {
  arguments.insert(arguments.begin(), LOCI_BENCH_PROGRAM);
  return test::run(std::move(arguments));
}

Words cell(const std::string& dsn, const std::string& workload) {
  return {"--dsn",  dsn, "--workload", workload, "--clients", "4",
          "--pool", "2", "--seconds",  "0.5",    "--warmup",  "0.1"};
}

// The last line that begins with a brace, as the comparison's runner reads it.
JsonDocument line_of(const ProgramEnd& end) {
  EXPECT_EQ(end.code, 0) << end.err;
  const std::size_t at = end.out.rfind("{");
  if (at == std::string::npos) {
    ADD_FAILURE() << "no JSON in " << end.out;
    return JsonDocument::parse("{}");
  }
  return JsonDocument::parse(end.out.substr(at));
}

class EveryWorkload : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryWorkload, GivesALineOfTheContract) {
  const TinyDatabase database;
  const JsonDocument line = line_of(loci_bench(cell(database.dsn(), GetParam())));
  const Json root = line.root();
  EXPECT_EQ(root["errors"].integer(), 0);
  EXPECT_GT(root["ops"].integer(), 0);
  EXPECT_GT(root["seconds"].number(), 0);
  EXPECT_GT(root["cpu_s"].number(), 0);
  if (GetParam() == "W5") {
    EXPECT_EQ(root["ops"].integer(), 200'000);
    EXPECT_EQ(root["p99_us"].number(), 0);
    EXPECT_EQ(database("select count(distinct id) from bulk_messages"), "200000");
  } else {
    EXPECT_GE(root["seconds"].number(), 0.5);
    EXPECT_GT(root["p50_us"].number(), 0);
    EXPECT_GE(root["p99_us"].number(), root["p50_us"].number());
  }
}

INSTANTIATE_TEST_SUITE_P(LociBench, EveryWorkload,
                         ::testing::Values("W1", "W2", "W3", "W4", "W5", "W6"),
                         [](const auto& tested) { return tested.param; });

TEST(LociBench, TakesItsArgumentsInAnyOrder) {
  const TinyDatabase database;
  Words arguments = cell(database.dsn(), "W1");
  // The pairs from the last to the first.
  for (std::size_t i = 0; i < arguments.size(); i += 2) std::swap(arguments[i], arguments[i + 1]);
  std::ranges::reverse(arguments);
  EXPECT_GT(line_of(loci_bench(arguments)).root()["ops"].integer(), 0);
}

TEST(LociBench, WritesTenMessagesForEachConversation) {
  const TinyDatabase database;
  (void)line_of(loci_bench(cell(database.dsn(), "W4")));
  EXPECT_EQ(database("select (select count(*) from w_messages) - "
                     "10 * (select count(*) - 3 from w_conversations)"),
            "0");
}

TEST(LociBench, CountsAnAnswerOfTheWrongLengthAsAnError) {
  const TinyDatabase database;
  database("update conversations set deleted_at = now()");
  const JsonDocument line = line_of(loci_bench(cell(database.dsn(), "W1")));
  EXPECT_EQ(line.root()["ops"].integer(), 0);
  EXPECT_GT(line.root()["errors"].integer(), 0);
}

TEST(LociBench, CountsAFailedStatementAsAnErrorAndNamesTheFirst) {
  const TinyDatabase database;
  database("drop table messages");
  const ProgramEnd end = loci_bench(cell(database.dsn(), "W2"));
  EXPECT_GT(line_of(end).root()["errors"].integer(), 0);
  EXPECT_THAT(end.err, HasSubstr("ListMessages"));
}

TEST(LociBench, KeepsToItsConnections) {
  const TinyDatabase database;
  run_statement(TestServer::instance().admin_dsn(),
                "alter database " + database.name() + " connection limit 2");
  const JsonDocument line = line_of(loci_bench(cell(database.dsn(), "W3")));
  EXPECT_EQ(line.root()["errors"].integer(), 0);
}

TEST(LociBench, MeasuresTheSlowStatementsApart) {
  const TinyDatabase database;
  Words arguments = cell(database.dsn(), "W1");
  arguments.insert(arguments.end(), {"--slow-share", "0.5"});
  const JsonDocument line = line_of(loci_bench(arguments));
  EXPECT_GT(line.root()["slow_ops"].integer(), 0);
  EXPECT_GE(line.root()["slow_p99_us"].number(), 19'000);
}

TEST(LociBench, RefusesWhatItDoesNotKnow) {
  Words unknown = cell("postgresql://", "W1");
  unknown.push_back("--turbo");
  const ProgramEnd end = loci_bench(unknown);
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.err, HasSubstr("--turbo"));
  EXPECT_EQ(end.out, "");

  const ProgramEnd workload = loci_bench(cell("postgresql://", "W7"));
  EXPECT_EQ(workload.code, 2);
  EXPECT_THAT(workload.err, HasSubstr("W7"));
}

TEST(LociBench, RefusesToGuessWhatIsMissing) {
  Words arguments = cell("postgresql://", "W1");
  arguments.resize(arguments.size() - 2);
  const ProgramEnd end = loci_bench(arguments);
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.err, HasSubstr("--warmup"));
}

TEST(LociBench, FailsWhenThereIsNoServer) {
  const ProgramEnd end = loci_bench(cell("host=/nonexistent", "W1"));
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace loci::bench
