#include <loci/pg/pool.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::backend_pid;
using test::Database;
using test::error_of;
using test::go;
using test::query;
using test::reading;
using test::soon;
using test::value;

struct Note {
  std::int32_t id;
  std::optional<std::string> text;
  bool operator==(const Note&) const = default;
};

Note decode_note(const RowView& row) {
  return {row.get<type::Int4>(0), row.get_optional<type::Text>(1)};
}

struct AddNote {
  static constexpr Statement statement{.name = "AddNote",
                                       .sql = "insert into notes values ($1, $2)"};
  static constexpr auto cardinality = Cardinality::execrows;
  std::int32_t id;
  std::optional<std::string> text;
  void bind(Params& params) const {
    params.add<type::Int4>(id);
    params.add<type::Text>(text);
  }
};

struct GetNote {
  static constexpr Statement statement{
      .name = "GetNote", .sql = "select id, text from notes where id = $1", .lane = Lane::shared};
  static constexpr auto cardinality = Cardinality::one;
  using Row = Note;
  std::int32_t id;
  void bind(Params& params) const { params.add<type::Int4>(id); }
  static Row decode(const RowView& row) { return decode_note(row); }
};

struct ListNotes {
  static constexpr Statement statement{
      .name = "ListNotes", .sql = "select id, text from notes order by id", .lane = Lane::shared};
  static constexpr auto cardinality = Cardinality::many;
  using Row = Note;
  void bind(Params& /*params*/) const {}
  static Row decode(const RowView& row) { return decode_note(row); }
};

struct Queries : testing::Test {
  Queries() { db.script("create table notes (id int primary key, text text)"); }
  std::vector<Note> all() { return db.run(db.pool.run(ListNotes{}, soon())); }
  Lease lease() { return db.run(db.pool.acquire(soon())); }
  Database db;
};

TEST_F(Queries, AQueryIsTypedByItsCardinality) {
  EXPECT_EQ(db.run(db.pool.run(AddNote{.id = 1, .text = "one"}, soon())), 1U);
  EXPECT_EQ(db.run(db.pool.run(AddNote{.id = 2, .text = std::nullopt}, soon())), 1U);
  EXPECT_EQ(db.run(db.pool.run(GetNote{.id = 1}, soon())), (Note{1, "one"}));
  EXPECT_EQ(db.run(db.pool.run(GetNote{.id = 3}, soon())), std::nullopt);
  EXPECT_EQ(all(), (std::vector<Note>{{1, "one"}, {2, std::nullopt}}));
}

TEST_F(Queries, APipelineGivesATupleOfOutcomes) {
  const auto [added, got, listed] = db.run(
      db.pool.pipeline(soon(), AddNote{.id = 7, .text = "x"}, GetNote{.id = 7}, ListNotes{}));
  EXPECT_EQ(added, 1U);
  EXPECT_EQ(got, (Note{7, "x"}));
  EXPECT_EQ(listed.size(), 1U);
}

TEST_F(Queries, OutsideATransactionAFailureLeavesItsNeighboursStanding) {
  const Error error = error_of([&] {
    return db.run(db.pool.pipeline(soon(), AddNote{.id = 1, .text = "a"},
                                   AddNote{.id = 1, .text = "b"}, AddNote{.id = 2, .text = "c"}));
  });
  EXPECT_EQ(error.sqlstate(), "23505");
  EXPECT_EQ(all(), (std::vector<Note>{{1, "a"}, {2, "c"}}));
}

TEST_F(Queries, AFailureAtTheCommitOfAStatementIsItsOwn) {
  db.script("create table once (id int unique deferrable initially deferred)");
  Lease mine = lease();
  std::vector<Request> requests;
  for (const std::int32_t id : {1, 1, 2}) {
    requests.push_back(query<type::Int4>("insert into once values ($1)", id));
  }
  const auto results = db.run(mine.execute(std::move(requests), soon()));
  EXPECT_FALSE(results[0].failed());
  EXPECT_EQ(results[1].error()->sqlstate(), "23505");
  EXPECT_FALSE(results[2].failed());
  EXPECT_EQ(db.run(value<type::Int8>(mine, query("select count(*) from once"))), 2);
}

TEST_F(Queries, ABatchRunsOneQueryWithManyParameterSets) {
  std::vector<AddNote> notes;
  for (std::int32_t i = 0; i < 500; ++i) notes.push_back({.id = i, .text = std::to_string(i)});
  const auto counts = db.run(db.pool.batch(notes, soon()));
  EXPECT_EQ(counts, std::vector<std::uint64_t>(500, 1));
  EXPECT_EQ(all().size(), 500U);
}

TEST_F(Queries, AnEmptyListOfRequestsGivesNoResults) {
  EXPECT_TRUE(db.run(db.pool.execute({}, soon())).empty());
}

TEST_F(Queries, AFailedParseLeavesTheConnectionAndTheSameErrorNextTime) {
  Lease mine = lease();
  for (int i = 0; i < 2; ++i) {
    const Error error = error_of([&] { return db.run(ask(mine, query("selekt 1"))); });
    EXPECT_EQ(error.sqlstate(), "42601");
    EXPECT_FALSE(error.outcome_unknown());
  }
  EXPECT_EQ(db.run(value<type::Int4>(mine, query("select 1"))), 1);
}

TEST_F(Queries, AFailedParseFailsEachOfItsTwinsInABatch) {
  std::vector<Request> requests;
  for (int i = 0; i < 3; ++i) requests.push_back(query("select nonsense"));
  const auto results = db.run(db.pool.execute(std::move(requests), soon()));
  for (const Result& result : results) EXPECT_EQ(result.error()->sqlstate(), "42703");
}

TEST_F(Queries, AChangedTableIsPreparedAnew) {
  Lease mine = lease();
  EXPECT_EQ(db.run(ask(mine, query("select * from notes"))).columns(), 2U);
  db.script("alter table notes add column more text");
  EXPECT_EQ(db.run(ask(mine, query("select * from notes"))).columns(), 3U);
}

TEST_F(Queries, DroppedStatementsArePreparedAnew) {
  for (const char* drop : {"discard all", "deallocate all"}) {
    Lease mine = lease();
    EXPECT_EQ(db.run(value<type::Int4>(mine, query("select 42"))), 42);
    db.run(mine.script(drop, "drop", soon()));
    EXPECT_EQ(db.run(value<type::Int4>(mine, query("select 42"))), 42) << drop;
  }
}

TEST_F(Queries, AWholeBatchOfDroppedStatementsRunsInOrder) {
  Lease mine = lease();
  const auto both = [&] {
    return db.run(mine.pipeline(soon(), AddNote{.id = 1, .text = "x"}, ListNotes{}));
  };
  EXPECT_EQ(std::get<1>(both()).size(), 1U);
  db.run(mine.script("deallocate all; delete from notes", "drop", soon()));
  EXPECT_EQ(std::get<1>(both()).size(), 1U);
}

TEST_F(Queries, ADroppedWriteIsNotRunBehindAStatementThatFollowedIt) {
  Lease mine = lease();
  (void)db.run(mine.pipeline(soon(), AddNote{.id = 1, .text = "x"}, ListNotes{}));
  db.run(
      mine.script("do $$ begin execute (select 'deallocate ' || name from pg_prepared_statements "
                  "where statement like 'insert into notes%'); end $$",
                  "drop", soon()));
  const Error error = error_of(
      [&] { return db.run(mine.pipeline(soon(), AddNote{.id = 2, .text = "y"}, ListNotes{})); });
  EXPECT_EQ(error.sqlstate(), "26000");
  EXPECT_EQ(all().size(), 1U);
  // The next time it is prepared anew.
  EXPECT_EQ(db.run(mine.run(AddNote{.id = 2, .text = "y"}, soon())), 1U);
}

TEST_F(Queries, LargeValuesPassBothWaysInOneBatch) {
  const std::string large(std::size_t{50} << 20, 'x');
  std::vector<Request> requests;
  for (int i = 0; i < 2; ++i) requests.push_back(query<type::Text>("select $1::text", large));
  requests.push_back(query("select repeat('y', 50 << 20)"));
  const auto results = db.run(db.pool.execute(std::move(requests), soon()));
  for (const Result& result : results) {
    result.check();
    EXPECT_EQ(result.row(0).field(0)->size(), large.size());
  }
  EXPECT_EQ(results[1].row(0).field(0), large);
}

TEST_F(Queries, AnErrorNamesTheStatementAndNeverItsParameters) {
  (void)db.run(db.pool.run(AddNote{.id = 4711, .text = "a secret"}, soon()));
  const Error twice = error_of(
      [&] { return db.run(db.pool.run(AddNote{.id = 4711, .text = "a secret"}, soon())); });
  EXPECT_THAT(twice.what(), testing::HasSubstr("AddNote"));
  EXPECT_THAT(twice.what(), testing::Not(testing::HasSubstr("4711")));
  EXPECT_EQ(twice.server()->constraint, "notes_pkey");

  const Error cast = error_of(
      [&] { return db.run(ask(db.pool, query<type::Text>("select $1::text::int", "a secret"))); });
  EXPECT_EQ(cast.sqlstate(), "22P02");
  EXPECT_THAT(cast.what(), testing::HasSubstr("integer"));
  EXPECT_THAT(cast.what(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(Queries, WhatCannotBeSentIsRefusedBeforeAnythingIsSent) {
  Lease mine = lease();
  Request many = query("select 1");
  for (int i = 0; i < 65'536; ++i) many.params.add<type::Int4>(i);
  std::vector<Request> with_many;
  with_many.push_back(query("insert into notes values (1, 'x')"));
  with_many.push_back(std::move(many));
  EXPECT_EQ(error_of([&] { return db.run(mine.execute(std::move(with_many), soon())); }).kind(),
            ErrorKind::invalid_argument);
  std::vector<Request> with_copy;
  with_copy.push_back(query("insert into notes values (1, 'x')"));
  with_copy.push_back(query(" \n COPY notes from stdin"));
  EXPECT_EQ(error_of([&] { return db.run(mine.execute(std::move(with_copy), soon())); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(db.run(mine.run(ListNotes{}, soon())).empty());
}

TEST_F(Queries, ACopyInDisguiseCostsTheConnectionButNotThePool) {
  const Error error =
      error_of([&] { return db.run(ask(db.pool, query("/* hidden */ copy notes from stdin"))); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_TRUE(all().empty());
}

TEST_F(Queries, TwoCallersAtOnceAreToldApart) {
  Lease mine = lease();
  test::Running<Result> first(db.runtime, ask(mine, query("select pg_sleep(60)"),
                                              Deadline::after(std::chrono::seconds(60))));
  const std::int32_t pid = mine.connection().server_pid();
  ASSERT_TRUE(test::eventually([&] {
    return db.run(value<type::Bool>(
        db.pool, query<type::Int4>("select exists (select from pg_stat_activity where pid = $1 "
                                   "and wait_event = 'PgSleep')",
                                   pid)));
  }));
  EXPECT_EQ(error_of([&] { return db.run(ask(mine, query("select 1"))); }).kind(),
            ErrorKind::invalid_argument);
  (void)db.run(ask(db.pool, query<type::Int4>("select pg_cancel_backend($1)", pid)));
  EXPECT_EQ(error_of([&] { return first.get(); }).sqlstate(), "57014");
  EXPECT_EQ(db.run(backend_pid(mine)), pid);
}

TEST_F(Queries, AMissingColumnOrWrongTypeIsAProtocolError) {
  const Result result = db.run(ask(db.pool, query("select 1, null::int")));
  const auto kind = [&](auto read) { return error_of(read).kind(); };
  EXPECT_EQ(kind([&] { return result.row(0).get<type::Int8>(0); }), ErrorKind::protocol);
  EXPECT_EQ(kind([&] { return result.row(0).get<type::Int4>(1); }), ErrorKind::protocol);
  EXPECT_EQ(kind([&] { return result.row(0).get_optional<type::Int4>(2); }), ErrorKind::protocol);
  EXPECT_EQ(kind([&] { return result.row(1).get_optional<type::Int4>(0); }), ErrorKind::protocol);
}

TEST_F(Queries, DescribeSaysWhatAStatementTakesAndGives) {
  Lease mine = lease();
  const Description told =
      db.run(mine.describe("select id, upper(text) as loud from notes where id = $1", soon()));
  EXPECT_EQ(told.parameters, std::vector<std::uint32_t>{type::Int4::id.oid});
  ASSERT_EQ(told.columns.size(), 2U);
  EXPECT_EQ(told.columns[0].name, "id");
  EXPECT_EQ(told.columns[0].table_column, 1);
  EXPECT_EQ(told.columns[1].type_oid, type::Text::id.oid);
  EXPECT_EQ(told.columns[1].table_oid, 0U);
  EXPECT_EQ(
      error_of([&] { return db.run(mine.describe("select from nowhere", soon())); }).sqlstate(),
      "42P01");
  EXPECT_TRUE(db.run(mine.run(ListNotes{}, soon())).empty());
}

TEST_F(Queries, AScriptIsOneTransactionAndItsFailureLeavesTheConnection) {
  Lease mine = lease();
  const Error error = error_of([&]() -> bool {
    db.run(mine.script("insert into notes values (1, 'x'); select 1/0;", "my script", soon()));
    return true;
  });
  EXPECT_EQ(error.sqlstate(), "22012");
  EXPECT_THAT(error.what(), testing::HasSubstr("my script"));
  EXPECT_TRUE(db.run(mine.run(ListNotes{}, soon())).empty());
}

TEST(DatabaseTypes, AMissingExtensionIsNoErrorUntilItsTypeIsUsed) {
  auto& server = test::TestServer::instance();
  server.server().create_database("no_extension", "template0");
  Database db({.conninfo = server.dsn("no_extension")});
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
  const Error error = error_of([&] {
    return db.run(ask(db.pool, query<type::Array<type::Vector>>("select $1", {Vector{{1}}})));
  });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
}

}  // namespace
}  // namespace loci::pg
