// Types that go by name inside others: sent on both lanes, in pipelines and in COPY.
#include <loci/pg/copy.hpp>

#include <gmock/gmock.h>

#include "pg/user_types.hpp"

#include <algorithm>

namespace loci::pg {
namespace {

using namespace user;
using test::ask;
using test::Database;
using test::error_of;
using test::query;
using test::reading;
using test::soon;
using test::value;
using testing::HasSubstr;

using Moods = std::vector<Mood>;
using MaybeMoods = std::vector<std::optional<Mood>>;
using MoodsType = type::Array<NamedMood>;
using MaybeMoodsType = type::ArrayOfNullable<NamedMood>;
using AddressesType = type::Array<NamedAddress>;
const Person k_ada{k_addresses[0], Mood::bad, 42, {"Ada", "A."}};
const Person k_nobody{k_addresses[1], std::nullopt, 0, {}};

TEST_F(UserTypes, ArraysOfEnumsAreSent) {
  expect_echo<MoodsType>({{Mood::bad, Mood::good}, {}}, "mood[]");
  expect_echo<MaybeMoodsType>({{std::nullopt, Mood::good}}, "mood[]");
  EXPECT_EQ(text_of<MoodsType>({Mood::good, Mood::bad}, "mood[]"), "{good,\"quite 'bad'\"}");
}

TEST_F(UserTypes, ArraysOfCompositesAreSent) {
  expect_echo<AddressesType>({k_addresses, {}}, "address[]");
}

TEST_F(UserTypes, CompositesOfTypesThatGoByNameAreSent) {
  expect_echo<SentPerson>({k_ada, k_nobody}, "person");
  expect_echo<type::Array<NamedPerson>>({{k_ada, k_nobody}}, "person[]");
  EXPECT_EQ(text_of<SentPerson>(k_nobody, "person"), "(\"(\"\"\"\",,)\",,0,{})");
}

TEST_F(UserTypes, ANameMayBeQuotedAndInASchemaOffThePath) {
  db.script("create schema \"odd one\"; create type \"odd one\".\"Mood\" as enum ('good')");
  using Odd = type::Array<type::Named<"\"odd one\".\"Mood\"", MoodType>>;
  expect_echo<Odd>({{Mood::good}}, "\"odd one\".\"Mood\"[]");
}

TEST(NamedTypes, TravelOnTheSharedLaneOnceTheyAreKnown) {
  Database db;
  db.script("create type mood as enum ('good', 'quite ''bad''')");
  const auto statistics_of = [&](std::string_view name) {
    for (StatementStatistics& each : db.pool.statement_statistics()) {
      if (each.name == name) return each;
    }
    return StatementStatistics{};
  };
  // Once for the lookup, and until the lane has a connection and the statement proved quick.
  EXPECT_TRUE(test::eventually([&] {
    auto moods = reading<MoodsType>("select $1::mood[]", {Mood::good});
    EXPECT_EQ(db.run(value<MoodsType>(db.pool, std::move(moods))), Moods{Mood::good});
    return statistics_of("TestQuery").wait.count() > 0;
  }));
  EXPECT_EQ(statistics_of("LearnTypes").calls, 1U);
}

TEST_F(UserTypes, GoIntoPipelines) {
  std::vector<Request> requests;
  requests.push_back(query<MoodsType>("select $1::mood[]", {Mood::good}));
  requests.push_back(query<type::Int4>("select $1::int4", 7));
  requests.push_back(query<AddressesType>("select $1::address[]", k_addresses));
  const auto results = db.run(db.pool.execute(std::move(requests), soon()));
  for (const Result& result : results) result.check();
  EXPECT_EQ(results[0].row(0).get<MoodsType>(0), Moods{Mood::good});
  EXPECT_EQ(results[2].row(0).get<AddressesType>(0), k_addresses);
}

struct Diary {
  std::int32_t day = 0;
  Mood mood = Mood::good;
  std::optional<MaybeMoods> moods;
  std::vector<Person> met;
  std::optional<std::vector<Vector>> places;
  bool operator==(const Diary&) const = default;
};

auto diaries() {
  return copy_table<Diary>("diaries", column<type::Int4>("day", &Diary::day),
                           column<NamedMood>("mood", &Diary::mood),
                           column<MaybeMoodsType>("moods", &Diary::moods),
                           column<type::Array<NamedPerson>>("met", &Diary::met),
                           column<type::Array<type::Vector>>("places", &Diary::places));
}

TEST_F(UserTypes, GoThroughCopyBothWays) {
  db.script(
      "create table diaries (day int4, mood mood, moods mood[], met person[],"
      "                      places vector[])");
  std::vector<Diary> written{{.day = 1, .met = {k_ada}}};
  for (std::int32_t day = 2; day < 3000; ++day) {
    written.push_back({.day = day,
                       .mood = Mood::bad,
                       .moods = MaybeMoods{Mood::good, std::nullopt},
                       .met = {k_nobody, k_ada},
                       .places = std::vector<Vector>{{{1, 2}}, {{float(day)}}}});
  }
  const auto read = test::go(db, [&]() -> test::awaitable<std::vector<Diary>> {
    Lease lease = co_await db.pool.acquire(soon());
    EXPECT_EQ(co_await copy_in(lease, diaries(), written, soon()), written.size());
    auto rows = co_await copy_out(lease, diaries(), soon());
    std::vector<Diary> all;
    for (;;) {
      auto some = co_await rows.next();
      if (some.empty()) co_return all;
      std::ranges::move(some, std::back_inserter(all));
    }
  });
  EXPECT_EQ(read, written);
}

TEST(NamedTypes, CopyRowsThatWereNotToldOfATypeAreNotSent) {
  CopyRows rows;
  rows.begin_row(1);
  rows.field<MoodsType>({Mood::good});
  const Error error = error_of([&] { return rows.take(); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("what the type mood is"));
}

TEST(NamedTypes, OneThatDoesNotExistIsNamedAndFoundOnceItDoes) {
  Database db;
  std::vector<Diary> written(1);
  const auto moods = [] { return query<MoodsType>("select $1::text", {}); };
  const auto copied = [&]() -> test::awaitable<std::uint64_t> {
    Lease lease = co_await db.pool.acquire(soon());
    co_return co_await copy_in(lease, diaries(), written, soon());
  };
  for (const Error& error : {error_of([&] { return db.run(ask(db.pool, moods())); }),
                             error_of([&] { return test::go(db, copied); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), HasSubstr("the database has no type mood on its search path"));
  }
  db.script("create type mood as enum ('good')");
  EXPECT_EQ(db.run(value<MoodsType>(db.pool, query<MoodsType>("select $1::mood[]", {}))), Moods{});
}

// Of an extension that is not installed.
struct Ltree : type::Text {
  static constexpr TypeId id{0, "ltree", "ltree"};
};

TEST(NamedTypes, AnExtensionThatIsMissingIsNamed) {
  Database db;
  const Error error = error_of(
      [&] { return db.run(ask(db.pool, query<type::Array<Ltree>>("select $1::text", {"a"}))); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("has to run `create extension ltree` in it"));
}

TEST(NamedTypes, OneThatWasMadeAnewIsSentAsBefore) {
  for (const Lane lane : {Lane::shared, Lane::exclusive}) {
    Database db;
    const auto sent = [&](std::string_view sql) {
      auto request = query<MoodsType>(sql, {Mood::good});
      request.statement.lane = lane;
      return db.run(value<MoodsType>(db.pool, std::move(request)));
    };
    db.script("create type mood as enum ('good')");
    EXPECT_EQ(sent("select $1::mood[]"), Moods{Mood::good});
    db.script("drop type mood; create type mood as enum ('good')");
    EXPECT_EQ(sent("select $1::mood[] as second"), Moods{Mood::good});
    db.script("drop type mood; create type mood as enum ('good')");
    db.pool.reset();
    EXPECT_EQ(sent("select $1::mood[]"), Moods{Mood::good});
  }
}

}  // namespace
}  // namespace loci::pg
