#include <loci/base/json_writer.hpp>
#include <loci/pg/transaction.hpp>

#include <gmock/gmock.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pg/ask.hpp"
#include "sqlgen/library/golden/querier.hpp"
#include "support/database.hpp"

/// The code generated from library/, compiled into this test and run against a server.
namespace library {
namespace {

using loci::Decimal;
using loci::Error;
using loci::JsonWriter;
using loci::Uuid;
using loci::test::Database;
using loci::test::error_of;
using loci::test::soon;
using models::Author;
using models::Mood;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()};
}

std::string json(const auto& row) {
  JsonWriter out;
  write_json(out, row);
  return std::move(out).text();
}

class LibraryCode : public testing::Test {
protected:
  LibraryCode() {
    db.script(read(LOCI_SOURCE_DIR "/tests/sqlgen/library/schema.sql"));
    for (std::int64_t id = 1; id <= 3; ++id) {
      run(AddAuthor{.id = id, .name = "author " + std::to_string(id), .mail = {}, .mood = {}});
    }
  }
  template <class Q>
  loci::pg::OutcomeOf<Q> run(Q query) {
    return db.run(db.pool.run(std::move(query), soon()));
  }
  static BookId book(int number) {
    std::array<std::uint8_t, 16> bytes{};
    bytes.back() = static_cast<std::uint8_t>(number);
    return {Uuid(bytes)};
  }
  static AddBooks new_book(int number, std::int64_t author, std::string title) {
    return {.id = book(number), .author_id = author, .title = std::move(title), .price = {}};
  }
  void add(std::vector<AddBooks> books) { db.run(db.pool.batch(std::move(books), soon())); }

  Database db;
};

TEST_F(LibraryCode, NumberedParametersAreNamedAndNullableByTheirColumns) {
  const auto author = run(AddAuthor{
      .id = 9, .name = "Ann", .mail = std::optional<std::string>("a@b"), .mood = Mood::so_so});
  ASSERT_TRUE(author);
  EXPECT_EQ(author->mail, "a@b");
  EXPECT_EQ(author->mood, Mood::so_so);
  EXPECT_EQ(author->errno_, std::nullopt);
  EXPECT_THAT(run(OlderThan{.years = 1, .since = {}, .limit = 5, .offset = 0}), IsEmpty());
}

TEST_F(LibraryCode, EnumsGoBothWays) {
  for (const Mood mood : models::all_mood_values()) {
    run(AddAuthor{.id = 100 + static_cast<int>(mood), .name = "x", .mail = {}, .mood = mood});
    EXPECT_EQ(run(ListMoody{.mood = mood}).back().mood, mood);
    EXPECT_EQ(models::mood_of(to_string(mood)), mood);
  }
  EXPECT_EQ(to_string(Mood::value_1st__prize_), "1st \"prize\"");
  EXPECT_EQ(to_string(Mood::middling), "so so");
  EXPECT_EQ(models::mood_of("nonsense"), std::nullopt);
  EXPECT_EQ(run(MoodsOf{}).size(), models::all_mood_values().size());
}

TEST_F(LibraryCode, CompositesGoBothWaysWithAllTheyHold) {
  const models::PointOfMap corner{.x = 1.5F, .y = std::nullopt};
  const models::Place place{.street = "Long \"Lane\"",
                            .number = 7,
                            .mail = "a@b",
                            .mood = Mood::so_so,
                            .moods = std::vector<std::optional<Mood>>{Mood::good, std::nullopt},
                            .at = corner,
                            .corners = std::vector<std::optional<models::PointOfMap>>{corner, {}}};
  const auto added = run(AddBranch{.id = 1, .place = place, .before = {place, models::Place{}}});
  ASSERT_TRUE(added);
  EXPECT_EQ(added->place, place);
  EXPECT_THAT(added->before, ElementsAre(place, models::Place{}));
  const auto found = run(FindBranch{.place = place});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].street, "Long \"Lane\"");
  EXPECT_EQ(found[0].at, corner);
  EXPECT_EQ(json(found[0]), R"({"id":1,"street":"Long \"Lane\"","at":{"x":1.5,"y":null}})");
}

TEST_F(LibraryCode, ASliceIsAnyNumberOfValues) {
  const auto ids = [&](std::vector<std::int64_t> wanted, std::vector<std::string> not_called) {
    std::vector<std::int64_t> found;
    for (const auto& row : run(ListAuthors{.ids = std::move(wanted), .names = not_called})) {
      found.push_back(row.id);
    }
    std::ranges::sort(found);
    return found;
  };
  EXPECT_THAT(ids({1, 3, 77}, {}), ElementsAre(1, 3));
  EXPECT_THAT(ids({1, 3}, {"author 1"}), ElementsAre(3));
  EXPECT_THAT(ids({}, {}), IsEmpty());
}

TEST_F(LibraryCode, ArraysOfEnumsAndOfOtherTextAreSentByTheirText) {
  run(SetMail{.id = 1, .mail = std::optional<std::string>("a@b")});
  const auto rows =
      run(InMoods{.moods = {Mood::so_so}, .mails = {"a@b", std::nullopt}, .names = {"author 3"}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id, 1);
  EXPECT_EQ(rows[1].id, 3);
  EXPECT_THAT(run(InMoods{.moods = {Mood::good}, .mails = {"a@b"}, .names = {}}), IsEmpty());

  add({new_book(1, 2, "A")});
  run(SetMoods{.author_id = 2, .moods_before = {Mood::NULL_, Mood::good}});
  EXPECT_THAT(run(BooksWithAuthors{}).at(0).book.moods_before,
              ElementsAre(Mood::NULL_, Mood::good));
}

TEST_F(LibraryCode, ABatchNamesTheItemThatFailed) {
  const std::vector<AddBooks> books = {new_book(1, 1, "A"), new_book(2, 77, "of nobody"),
                                       new_book(3, 1, "B")};
  const auto outcomes = db.run(db.pool.batch_each(books, soon()));
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0], 1U);
  ASSERT_FALSE(outcomes[1].has_value());
  EXPECT_THAT(outcomes[1].error().what(), StartsWith("item 2 of 3: AddBooks: "));
  EXPECT_EQ(outcomes[1].error().sqlstate(), "23503");
  EXPECT_EQ(outcomes[2], 1U);

  const Error error = error_of([&] { return db.run(db.pool.batch(books, soon())); });
  EXPECT_THAT(error.what(), StartsWith("item 1 of 3: AddBooks: "));
  EXPECT_EQ(error.sqlstate(), "23505");

  const auto titles =
      db.run(db.pool.batch(std::vector<TitlesOf>{{.author_id = 1}, {.author_id = 2}}, soon()));
  ASSERT_EQ(titles.size(), 2U);
  ASSERT_EQ(titles[0].size(), 2U);
  EXPECT_EQ(titles[0][1].title, "B");
  EXPECT_EQ(titles[0][1].id, book(3));
  EXPECT_THAT(titles[1], IsEmpty());
  const auto found =
      db.run(db.pool.batch(std::vector<FindBook>{{.id = book(3)}, {.id = book(2)}}, soon()));
  EXPECT_EQ(found[0]->title, "B");
  EXPECT_FALSE(found[1]);
}

std::vector<CopyAuthors> numbered_authors(std::int64_t first, std::int64_t last) {
  std::vector<CopyAuthors> rows;
  for (std::int64_t id = first; id <= last; ++id) {
    rows.push_back({.id = id,
                    .name = "copied",
                    .mail = id % 2 == 0 ? std::optional<std::string>("x@y") : std::nullopt,
                    .mood = Mood::NULL_,
                    .tags = {"a", "b"},
                    .born = std::chrono::sys_days(std::chrono::days(id)),
                    .errno_ = 5});
  }
  return rows;
}

TEST_F(LibraryCode, CopiesARangeOfStructs) {
  auto rows = numbered_authors(10, 10'009);
  EXPECT_EQ(db.run(db.pool.copy(rows, soon())), rows.size());
  const auto author = run(GetAuthor{.id = 11});
  ASSERT_TRUE(author);
  EXPECT_EQ(author->mood, Mood::NULL_);
  EXPECT_EQ(author->mail, std::nullopt);
  EXPECT_EQ(author->tags.size(), 2U);
  EXPECT_EQ(author->errno_, 5);

  const Error error = error_of([&] { return db.run(db.pool.copy(rows, soon())); });
  EXPECT_THAT(error.what(), StartsWith("CopyAuthors: "));
  EXPECT_EQ(error.sqlstate(), "23505");
}

TEST_F(LibraryCode, ACopyPutsEachParameterIntoItsColumn) {
  std::vector<CopyMoods> rows = {{.name = "blue", .id = 7}};
  EXPECT_EQ(db.run(db.pool.copy(rows, soon())), 1U);
  db.script("insert into notes values ('a', null)");
  const auto notes = run(Notes{});
  ASSERT_TRUE(notes.at(0).m);
  EXPECT_EQ(notes[0].m->id, 7);
  EXPECT_EQ(notes[0].m->name, "blue");
}

TEST_F(LibraryCode, ACopyIsPartOfItsTransaction) {
  auto rows = numbered_authors(10, 12);
  loci::test::go(db, [&]() -> boost::asio::awaitable<void> {
    // The first thing in it: BEGIN has yet to be sent.
    auto undone = co_await loci::pg::Transaction::begin(db.pool, {}, soon());
    EXPECT_EQ(co_await undone.copy(rows, soon()), 3U);
    EXPECT_TRUE(co_await undone.run(GetAuthor{.id = 11}, soon()));
    co_await undone.rollback(soon());
    EXPECT_FALSE(co_await db.pool.run(GetAuthor{.id = 11}, soon()));

    auto kept = co_await loci::pg::Transaction::begin(db.pool, {}, soon());
    auto part = co_await kept.nested(soon());
    EXPECT_EQ(co_await part.copy(rows, soon()), 3U);
    co_await part.release(soon());
    co_await kept.commit(soon());
    EXPECT_TRUE(co_await db.pool.run(GetAuthor{.id = 11}, soon()));
  });
}

TEST_F(LibraryCode, EmbedsAreTheStructsOfTheirTables) {
  add({new_book(1, 2, "A"), new_book(2, 2, "B")});
  const auto books = run(BooksWithAuthors{});
  ASSERT_EQ(books.size(), 2U);
  const models::Book& first = books[0].book;
  const Author& author = books[0].a;
  EXPECT_EQ(first.id, book(1));
  EXPECT_EQ(author.name, "author 2");
  EXPECT_EQ(books[1].label, "B by author 2");
}

TEST_F(LibraryCode, AnEmbeddedTableOfAnOuterJoinIsOptionalAsAWhole) {
  add({new_book(1, 2, "A")});
  const auto rows = run(AuthorsAndBooks{});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_FALSE(rows[0].b);
  ASSERT_TRUE(rows[1].b);
  EXPECT_EQ(rows[1].b->title, "A");
  EXPECT_EQ(rows[1].b->price, std::nullopt);
}

TEST_F(LibraryCode, AnEmbedMayStandAfterAStar) {
  db.script("insert into notes values ('hello', null); insert into moods values (7, 'blue')");
  const auto rows = run(Notes{});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].text, "hello");
  ASSERT_TRUE(rows[0].m);
  EXPECT_EQ(rows[0].m->id, 7);
}

TEST_F(LibraryCode, ExecResultHasTheTagAndTheCount) {
  const loci::pg::ExecResult result = run(SetMail{.id = 2, .mail = std::nullopt});
  EXPECT_EQ(result, (loci::pg::ExecResult{.tag = "UPDATE 1", .affected = 1}));
}

TEST_F(LibraryCode, RowsAreJson) {
  add({new_book(1, 2, "A \"b\"")});
  db.script(
      "update books set price = 1.50, past_moods = '{good,\"so so\"}', cover = '\\x00ff',"
      " written = '[2024-01-01,2024-02-01)'");
  EXPECT_EQ(json(run(BooksWithAuthors{}).at(0)),
            R"({"book":{"id":"book 00000000-0000-0000-0000-000000000001","author_id":2,)"
            R"("title":"A \"b\"","price":1.50,"past_moods":["good","so so"],"cover":"\\x00ff",)"
            R"("written":{"lower":"2024-01-01","upper":"2024-02-01","lower_inclusive":true,)"
            R"("upper_inclusive":false}},"a":{"id":2,"name":"author 2","mail":null,)"
            R"("mood":"good","tags":[],"born":null,"errno":null},"label":"A \"b\" by author 2"})");
  EXPECT_EQ(json(run(AuthorsAndBooks{}).at(0)), R"({"id":1,"b":null})");
}

/// Somebody who uses the queries and is tested without a server.
boost::asio::awaitable<std::string> greet(Querier& queries, std::int64_t id) {
  const auto author = co_await queries.get_author(id, soon());
  co_return author ? "Dear " + author->name : "Dear stranger";
}

class MockQuerier : public Querier {
public:
  template <class T>
  using awaitable = boost::asio::awaitable<T>;
  template <class Q>
  using Each = std::vector<loci::pg::BatchOutcome<Q>>;
  using Deadline = loci::Deadline;
  MOCK_METHOD(awaitable<std::optional<AddAuthor::Row>>, add_author, (AddAuthor, Deadline),
              (override));
  MOCK_METHOD(awaitable<std::uint64_t>, copy_authors, (std::vector<CopyAuthors>, Deadline),
              (override));
  MOCK_METHOD(awaitable<std::optional<GetAuthor::Row>>, get_author, (std::int64_t, Deadline),
              (override));
  MOCK_METHOD(awaitable<std::vector<ListMoody::Row>>, list_moody, (Mood, Deadline), (override));
  MOCK_METHOD(awaitable<std::vector<ListAuthors::Row>>, list_authors,
              (std::vector<std::int64_t>, std::vector<std::string>, Deadline), (override));
  MOCK_METHOD(awaitable<std::vector<InMoods::Row>>, in_moods, (InMoods, Deadline), (override));
  MOCK_METHOD(awaitable<void>, set_moods, (std::int64_t, std::vector<Mood>, Deadline), (override));
  MOCK_METHOD(awaitable<std::vector<OlderThan::Row>>, older_than, (OlderThan, Deadline),
              (override));
  MOCK_METHOD(awaitable<loci::pg::ExecResult>, set_mail,
              (std::int64_t, std::optional<std::string>, Deadline), (override));
  MOCK_METHOD(awaitable<std::vector<MoodsOf::Row>>, moods_of, (Deadline), (override));
  MOCK_METHOD(awaitable<Each<AddBooks>>, add_books, (std::vector<AddBooks>, Deadline), (override));
  MOCK_METHOD(awaitable<Each<TitlesOf>>, titles_of, (std::vector<TitlesOf>, Deadline), (override));
  MOCK_METHOD(awaitable<Each<FindBook>>, find_book, (std::vector<FindBook>, Deadline), (override));
  MOCK_METHOD(awaitable<std::vector<BooksWithAuthors::Row>>, books_with_authors, (Deadline),
              (override));
  MOCK_METHOD(awaitable<std::vector<AuthorsAndBooks::Row>>, authors_and_books, (Deadline),
              (override));
  MOCK_METHOD(awaitable<std::vector<Notes::Row>>, notes, (Deadline), (override));
  MOCK_METHOD(awaitable<std::uint64_t>, rename, (std::string, BookId, Deadline), (override));
  MOCK_METHOD(awaitable<std::uint64_t>, copy_moods, (std::vector<CopyMoods>, Deadline), (override));
  MOCK_METHOD(awaitable<std::optional<AddBranch::Row>>, add_branch, (AddBranch, Deadline),
              (override));
  MOCK_METHOD(awaitable<std::vector<FindBranch::Row>>, find_branch, (models::Place, Deadline),
              (override));
  MOCK_METHOD(awaitable<void>, burn, (Decimal, loci::Range<std::chrono::sys_days>, Deadline),
              (override));
};

boost::asio::awaitable<std::optional<Author>> gives(std::optional<Author> author) {
  co_return author;
}

TEST_F(LibraryCode, TheInterfaceOfAllQueriesIsASessionOrAMock) {
  SessionQuerier real(db.pool);
  EXPECT_EQ(db.run(greet(real, 2)), "Dear author 2");
  EXPECT_EQ(db.run(real.rename("Z", book(1), soon())), 0U);
  EXPECT_EQ(db.run(real.add_books({new_book(1, 1, "A")}, soon())).at(0), 1U);
  EXPECT_EQ(db.run(real.copy_authors(numbered_authors(10, 11), soon())), 2U);
  db.run(real.burn(Decimal(5), {}, soon()));

  testing::StrictMock<MockQuerier> mock;
  EXPECT_CALL(mock, get_author(7, testing::_)).WillOnce([](auto, auto) {
    return gives(Author{.name = "Nobody"});
  });
  EXPECT_EQ(db.run(greet(mock, 7)), "Dear Nobody");
}

}  // namespace
}  // namespace library
