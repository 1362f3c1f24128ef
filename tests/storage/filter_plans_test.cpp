// Which indexes serve a list, and what it costs. LOCI_TEST_LONG=1 makes the big conversation one of
// a million messages.
#include <loci/base/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "storage/postgres_messages.hpp"
#include "storage/select_fixture.hpp"
#include "support/effort.hpp"

namespace loci::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using C = ConversationFields;

constexpr int k_conversations = 20'000;
constexpr std::int64_t k_part = 20'000;  // of the messages: a statement has a minute

std::int64_t big_conversation_size() {
  return test::in_full() ? 1'000'000 : 20'000;
}

// md5('c1')::uuid
Filter of_the_big_conversation() {
  return MessageFields::conversation_id.eq(*Uuid::parse("a9f7e979-65d6-cf79-9a52-9102a973b8b9"));
}

Timestamp on_new_year(int minutes) {
  return Timestamp(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)) +
         std::chrono::minutes(minutes);
}

struct Plan {
  std::string text;
  std::int64_t buffers = 0;
};

// One database for all of them: it takes a while to fill.
class FilterPlans : public testing::Test {
public:
  // Each partition has the same indexes, under names that the server chose.
  void SetUp() override {
    if (test::on_partitioned_schema()) GTEST_SKIP() << "plans are told by the names of indexes";
    (void)fixture().session.take();
  }
  static void SetUpTestSuite() {
    if (test::on_partitioned_schema()) return;
    fixture_ = std::make_unique<test::SelectFixture>();
    const std::string tenant = "'" + test::SelectFixture::tenant().str() + "'::uuid";
    fixture_->sql(
        "insert into conversations (tenant_id, id, user_id, title, metadata, created_at, "
        "updated_at)"
        " select " +
        tenant +
        ", md5('c' || i)::uuid, 'user' || i % 100, 'Talk ' || i,"
        " jsonb_build_object('number', i, 'parity', i % 2),"
        " '2024-01-01'::timestamptz + i * interval '1 minute',"
        " '2024-01-01'::timestamptz + i * interval '1 minute'"
        " from generate_series(1, " +
        std::to_string(k_conversations) + ") i");
    for (std::int64_t seq = 1; seq <= big_conversation_size(); seq += k_part) {
      fixture_->sql(
          "insert into messages (tenant_id, id, conversation_id, seq, role, content, created_at)"
          " select " +
          tenant +
          ", md5('m' || i)::uuid, md5('c1')::uuid, i, 'user',"
          " 'message ' || i || ' of a long talk',"
          " '2024-01-01'::timestamptz + i * interval '1 second'"
          " from generate_series(" +
          std::to_string(seq) + ", " + std::to_string(seq + k_part - 1) + ") i");
    }
    fixture_->sql(
        "insert into memories (tenant_id, id, user_id, kind, content, content_hash, metadata,"
        " valid_from, valid_to, created_at, updated_at)"
        " select " +
        tenant +
        ", md5('y' || i)::uuid, 'user' || i % 100, 'semantic', 'memory ' || i,"
        " sha256(i::text::bytea), jsonb_build_object('topic', 't' || i / 10),"
        " '2024-01-01'::timestamptz + i * interval '10 minutes',"
        " '2024-01-02'::timestamptz + i * interval '10 minutes',"
        " '2024-01-01'::timestamptz + i * interval '10 minutes',"
        " '2024-01-01'::timestamptz + i * interval '10 minutes' from generate_series(1, 20000) i");
    fixture_->sql(
        "insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id,"
        " tool_name, arguments, started_at)"
        " select tenant_id, id, 'call', conversation_id, 'tool' || seq % 50, '{}', created_at"
        " from messages where seq <= 20000 order by seq");
    for (const char* table : {"conversations", "messages", "memories", "tool_executions"}) {
      fixture_->sql(std::string("vacuum analyze ") + table);
    }
  }
  static void TearDownTestSuite() { fixture_.reset(); }

protected:
  static test::SelectFixture& fixture() { return *fixture_; }

  static Plan explain(pg::Request request) {
    request.text = std::make_shared<const std::string>("explain (analyze, buffers, format json) " +
                                                       std::string(request.statement.sql));
    request.statement = {.name = "Explain", .sql = *request.text};
    const pg::Result result = fixture().run(
        test::ask(fixture().pool, std::move(request), test::SelectFixture::patience()));
    const JsonDocument json = JsonDocument::parse(result.row(0).get<pg::type::Text>(0));
    Plan plan{.text = std::string(json.root().raw())};
    for (const Json each : json.root()) {
      plan.buffers += each["Plan"]["Shared Hit Blocks"].integer().value_or(0) +
                      each["Plan"]["Shared Read Blocks"].integer().value_or(0);
    }
    return plan;
  }

  template <class Record>
  static Plan plan_of_list(const Filter& filter, ListOptions options = {}) {
    (void)fixture().list<Record>(filter, options);  // which may ask for the key of cursors, too
    (void)fixture().session.take();
    (void)fixture().list<Record>(filter, std::move(options));
    return explain(fixture().session.take().back());
  }
  template <class Record>
  static Plan plan_of_count(const Filter& filter) {
    (void)fixture().count<Record>(filter);
    return explain(fixture().session.take().back());
  }

  static std::int64_t pages_of(const std::string& table) {
    return fixture().number("select pg_relation_size('" + table + "') / 8192");
  }

private:
  static std::unique_ptr<test::SelectFixture> fixture_;
};

std::unique_ptr<test::SelectFixture> FilterPlans::fixture_;

TEST_F(FilterPlans, AUsersListComesOrderedFromItsIndex) {
  const Plan plan = plan_of_list<Conversation>(C::user_id.eq("user7"));
  EXPECT_THAT(plan.text, HasSubstr("\"conversations_recent\""));
  EXPECT_THAT(plan.text, Not(HasSubstr("\"Sort\"")));
}

TEST_F(FilterPlans, PageTenThousandCostsWhatPageOneCosts) {
  constexpr int pages = 10'000;
  const ListOptions first{.limit = 1};
  const std::int64_t cost = plan_of_list<Conversation>(Filter(), first).buffers;
  ListOptions behind = first;
  behind.offset = pages - 2;
  behind.cursor = fixture().list<Conversation>(Filter(), behind).next;
  behind.offset = 0;
  const Plan later = plan_of_list<Conversation>(Filter(), behind);
  EXPECT_THAT(later.text, HasSubstr("\"conversations_updated\""));
  EXPECT_LE(later.buffers, cost + 2);  // the next leaf, another page of the table
}

TEST_F(FilterPlans, PagesOfAUserComeFromTheSameIndexWithTheirPlaceInItsCondition) {
  ListOptions options{.limit = 10};
  options.cursor = fixture().list<Conversation>(C::user_id.eq("user7"), options).next;
  const Plan plan = plan_of_list<Conversation>(C::user_id.eq("user7"), options);
  EXPECT_THAT(plan.text, HasSubstr("\"conversations_recent\""));
  EXPECT_THAT(plan.text, HasSubstr("AND (ROW(updated_at, id) < ROW("));
}

// The conversation's own row is read as well: whether it is erased.
TEST_F(FilterPlans, TheLatestMessagesOfABigConversationCostLittleMoreThanTheirRows) {
  const Filter of_one = of_the_big_conversation();
  const ListOptions latest{.order_by = "seq", .descending = true, .limit = 50};
  ASSERT_EQ(fixture().list<Message>(of_one, latest).items.front().seq, big_conversation_size());
  const Plan plan = plan_of_list<Message>(of_one, latest);
  EXPECT_THAT(plan.text, HasSubstr("\"messages_tenant_id_conversation_id_seq_key\""));
  EXPECT_LT(plan.buffers, 50 + 5);
  const std::int64_t pages_of_rows = fixture().number(
      "select count(distinct (ctid::text::point)[0]) from (select ctid from messages"
      " order by seq desc limit 51) latest");
  RecordProperty("buffers_beyond_pages", static_cast<int>(plan.buffers - pages_of_rows));
  EXPECT_LE(plan.buffers - pages_of_rows, 7);
}

TEST_F(FilterPlans, LatestOfABigConversationCostsLittleMoreThanItsRows) {
  PostgresMessages messages(fixture().unit());
  const Uuid big = *Uuid::parse("a9f7e979-65d6-cf79-9a52-9102a973b8b9");
  const auto found = fixture().run(messages.latest(big, 50, test::SelectFixture::patience()));
  ASSERT_EQ(found.size(), 50U);
  ASSERT_EQ(found.front().seq, big_conversation_size());
  const Plan plan = explain(fixture().session.take().back());
  EXPECT_THAT(plan.text, HasSubstr("\"messages_tenant_id_conversation_id_seq_key\""));
  EXPECT_LT(plan.buffers, 50 + 5);
}

TEST_F(FilterPlans, MessagesOfASpanOfTimeComeFromTheirIndex) {
  const Filter span = MessageFields::created_at.ge(on_new_year(60)) &&
                      MessageFields::created_at.lt(on_new_year(62));
  const Plan plan = plan_of_count<Message>(span);
  EXPECT_THAT(plan.text, HasSubstr("\"messages_created\""));
}

TEST_F(FilterPlans, ExecutionsOfASpanOfTimeComeFromABrin) {
  using E = ToolExecutionFields;
  const Filter span = E::started_at.ge(on_new_year(60)) && E::started_at.lt(on_new_year(62)) &&
                      of_the_big_conversation();
  const Plan plan = plan_of_count<ToolExecution>(span);
  EXPECT_THAT(plan.text, HasSubstr("\"tool_executions_started\""));
  EXPECT_LT(plan.buffers, pages_of("tool_executions") / 3);
}

TEST_F(FilterPlans, APrefixOfANameIsARangeOfItsIndex) {
  const Plan plan =
      plan_of_count<ToolExecution>(ToolExecutionFields::tool_name.starts_with("tool49"));
  EXPECT_THAT(plan.text, HasSubstr("\"tool_executions_tool\""));
  EXPECT_THAT(plan.text,
              HasSubstr("(tool_name >= 'tool49'::text) AND (tool_name < 'tool4:'::text)"));
}

TEST_F(FilterPlans, MemoriesThatHeldAtATimeComeFromTheirIndex) {
  const Timestamp at{std::chrono::sys_days(std::chrono::year(2024) / 5 / 1)};
  const Plan plan =
      plan_of_count<Memory>(MemoryFields::valid_from.le(at) && MemoryFields::valid_to.gt(at));
  EXPECT_THAT(plan.text, HasSubstr("\"memories_ended\""));
  EXPECT_LT(plan.buffers, pages_of("memories") / 2);
}

// Why there is no GiST index: it would be there for nothing.
TEST_F(FilterPlans, RowLevelSecurityHidesAGistIndexOfRanges) {
  fixture().sql(
      "create index gist_of_ranges on memories using gist (tstzrange(valid_from, valid_to))");
  fixture().sql("analyze memories");
  const Plan plan =
      explain(test::query("select count(*) from memories where tstzrange(valid_from, valid_to) @> "
                          "timestamptz '2024-05-01'"));
  fixture().sql("drop index gist_of_ranges");
  EXPECT_THAT(plan.text, Not(HasSubstr("gist_of_ranges")));
}

// Why there is a probe.
TEST_F(FilterPlans, RowLevelSecurityHidesTheIndexOfMetadata) {
  const Plan plan =
      explain(test::query("select count(*) from memories where metadata @> '{\"topic\": \"t77\"}'"
                          " and metadata <> '{}'"));
  EXPECT_THAT(plan.text, Not(HasSubstr("memories_metadata")));
}

TEST_F(FilterPlans, AListByMetadataAsksItsIndexFirst) {
  EXPECT_EQ(fixture().list<Memory>(metadata("topic").eq("t77")).items.size(), 10U);
  const auto asked = fixture().session.take();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_LT(explain(asked[0]).buffers, pages_of("memories") / 4);
  const Plan plan = explain(asked[1]);
  EXPECT_THAT(plan.text, HasSubstr("\"memories_pkey\""));
  EXPECT_LT(plan.buffers, 60);
}

TEST_F(FilterPlans, MetadataThatManyHaveIsAPlainCondition) {
  const Filter even = metadata("parity").eq(std::int64_t{0});
  EXPECT_EQ(fixture().list<Conversation>(even).items.size(), 50U);
  const auto asked = fixture().session.take();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_THAT(std::string(asked[1].statement.sql), Not(HasSubstr("t.id = any(")));
  EXPECT_LT(explain(asked[1]).buffers, pages_of("conversations") / 4);
}

}  // namespace
}  // namespace loci::storage
