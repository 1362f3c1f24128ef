#include "sqlgen/commands.hpp"

#include <loci/base/json.hpp>

#include <gmock/gmock.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

/// End to end: SQL files on disk, a throw-away server, what comes out.
namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view schema = R"(
create table authors (
  id bigint primary key, name text not null, mail varchar(99), tags text[] not null,
  born timestamptz, likes vector(3));
create table books (id uuid primary key, author_id bigint not null references authors, pages int not null);
create view everyone as select id, name from authors;
create table old_books (weight float8) inherits (books);
create type mood as enum ('good', 'bad');
)";

class Generate : public testing::Test {
protected:
  Generate() : root_(fs::temp_directory_path() / ("loci_sqlgen_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "schema");
    fs::create_directories(root_ / "queries");
    write("schema/0001_library.up.sql", schema);
  }
  ~Generate() override { fs::remove_all(root_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  std::vector<QuerySet> sets() const {
    return {{.schema = {root_ / "schema"},
             .queries = {root_ / "queries"},
             .out = root_ / "out",
             .emit = {.name_space = "app"}}};
  }
  Outcome run(bool check = false) {
    std::ostringstream err;
    using Mode = GenerateOptions::Mode;
    const Outcome outcome =
        generate(sets(), {.mode = check ? Mode::check : Mode::write, .cached = false}, err, err);
    err_ = err.str();
    return outcome;
  }

  fs::path root_;
  std::string err_;
};

/// `name type` of each parameter or column, `?` after what may be NULL.
std::string listed(Json list) {
  std::string text;
  for (const Json item : list) {
    text +=
        (text.empty() ? "" : ", ") + item["name"].string_or("") + " " + item["type"].string_or("");
    if (item["nullable"].boolean().value_or(true)) text += "?";
  }
  return text;
}

TEST_F(Generate, DescribesTypesAndNullability) {
  struct Case {
    std::string sql;
    std::string params;
    std::string columns;
  };
  const std::map<std::string, Case> cases = {
      {"Plain",
       {"select * from authors where id = @id and tags && @tags", "id int8, tags text[]",
        "id int8, name text, mail varchar?, tags text[], born timestamptz?, likes vector?"}},
      {"Outer",
       {"select a.id, b.pages from authors a left join books b on b.author_id = a.id", "",
        "id int8, pages int4?"}},
      {"Inner",
       {"select a.id from (select id from authors) a join authors b using (id)", "", "id int8"}},
      {"Union", {"select id from authors union select 1", "", "id int8"}},
      {"Expression",
       {"select id + 1 as next, upper(name) as loud from authors", "", "next int8, loud text"}},
      {"Forced",
       {R"(select id + 1 as "next!", name as "name?" from authors)", "", "next int8, name text?"}},
      {"Counted",
       {"select count(*) as n, coalesce(max(id), 0) as top from authors", "", "n int8, top int8"}},
      {"Viewed", {"select id from everyone", "", "id int8"}},
      {"Inherited", {"select pages from books", "", "pages int4?"}},
      {"Scalar", {"select (select id from authors where false) as id", "", "id int8?"}},
      {"Narrowed",
       {"select likes <-> @near as far from authors limit sqlc.narg(most)",
        "near vector, most int8?", "far float8?"}},
      {"Written",
       {"insert into authors (id, name, tags) values ($1, $2, '{}') returning id, born",
        "id int8, name text", "id int8, born timestamptz?"}},
      {"Moody", {"select @mood::mood as mood", "mood mood", "mood mood"}},
  };
  std::string text;
  for (const auto& [name, query] : cases)
    text += "-- name: " + name + " :many\n" + query.sql + ";\n";
  write("queries/q.sql", text);

  std::ostringstream out;
  std::ostringstream err;
  ASSERT_EQ(describe(sets(), true, out, err), Outcome::ok) << out.str();
  const JsonDocument document = JsonDocument::parse(out.str());
  ASSERT_EQ(document.root()["queries"].size(), cases.size());
  for (const Json query : document.root()["queries"]) {
    const std::string name = query["name"].string_or("");
    EXPECT_EQ(query["cmd"].string_or(""), ":many");
    EXPECT_EQ(listed(query["params"]), cases.at(name).params) << name;
    EXPECT_EQ(listed(query["columns"]), cases.at(name).columns) << name;
  }
}

TEST_F(Generate, NamesThePlaceOfEveryFault) {
  write("queries/a.sql",
        "-- name: A :one\nselect 'ü',\n  nonsense from authors where id = @id;\n"
        "-- name: B :one\nselect id from\n  missing where name = @name;\n");
  write("queries/b.sql", "-- name: C :one\nselect @x;\n-- name: D :one\nselect '1'::money as m;\n");
  EXPECT_EQ(run(), Outcome::findings);
  const std::string folder = (root_ / "queries").string();
  EXPECT_THAT(
      err_,
      AllOf(HasSubstr(folder + "/a.sql:3:3: A: column \"nonsense\" does not exist (42703)\n"),
            HasSubstr(folder + "/a.sql:6:3: B: relation \"missing\" does not exist (42P01)\n"),
            HasSubstr(folder + "/b.sql:3:1: D: column m has type money")));
  EXPECT_FALSE(fs::exists(root_ / "out"));
}

TEST_F(Generate, KnowsTheTypesOfTheServerThatNeedNoDeclaration) {
  std::string queries;
  for (const std::string type :
       {"date", "time", "timestamp", "interval", "numeric", "float4", "int4range", "int8range",
        "numrange", "daterange", "tsrange", "tstzrange", "bit", "varbit", "halfvec", "sparsevec"}) {
    queries += "-- name: Of" + type + " :one\nselect @a::" + type + ", @b::" + type + "[];\n";
  }
  write("queries/known.sql", queries);
  EXPECT_EQ(run(), Outcome::ok) << err_;
}

TEST_F(Generate, NamesQueryColumnAndTypeOfWhatItDoesNotKnow) {
  write("schema/0002_more.up.sql", "create type pair as (a inet, b int);\n");
  const std::vector<std::string> types = {"timetz", "int4multirange", "inet", "pair"};
  std::string queries;
  for (const std::string& type : types) {
    queries += "-- name: Of" + type + " :one\nselect null::" + type + " as it;\n";
  }
  write("queries/unknown.sql", queries);
  EXPECT_EQ(run(), Outcome::findings);
  for (const std::string& type : types) {
    EXPECT_THAT(err_, HasSubstr(": Of" + type + ": column it has type " + type + ", which has no"));
  }
}

TEST_F(Generate, NamesThePlaceOfAFaultInTheSchema) {
  write("schema/0002_more.up.sql",
        "create table fine (id int);\ncreate table t (\n  id nonsense);\n");
  write("queries/a.sql", "-- name: A :one\nselect 1;\n");
  EXPECT_EQ(run(), Outcome::findings);
  EXPECT_EQ(err_, (root_ / "schema/0002_more.up.sql").string() +
                      ":3:6: type \"nonsense\" does not exist (42704)\n");
}

TEST_F(Generate, GivesTheSameBytesAgainAndCheckAgrees) {
  write("queries/a.sql", "-- name: A :one\nselect * from authors;\n");
  ASSERT_EQ(run(), Outcome::ok) << err_;
  const std::string first = read(root_ / "out/a.hpp");
  EXPECT_THAT(first, HasSubstr("using Row = models::Author;"));

  write("queries/a.sql", "-- name: A :one\r\nselect * from authors;\r\n");
  EXPECT_EQ(run(true), Outcome::ok) << err_ << "line ends must not matter";

  write("queries/a.sql", "-- name: A :one\nselect 2 as two;\n");
  EXPECT_EQ(run(true), Outcome::findings);
  EXPECT_THAT(err_, AllOf(HasSubstr("a.hpp differs"), HasSubstr("models.hpp is left over")));
  EXPECT_EQ(read(root_ / "out/a.hpp"), first);
}

}  // namespace
}  // namespace loci::sqlgen
