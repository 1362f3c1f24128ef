#include "sqlgen/emitter.hpp"

#include "sqlgen/compiler.hpp"
#include "sqlgen/fake_database.hpp"
#include "sqlgen/golden/shop.hpp"
#include "sqlgen/type_names.hpp"

#include <loci/pg/query.hpp>

#include <gmock/gmock.h>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <type_traits>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string shop_sql = R"text(-- The file's own comment.

-- One line of an order, as it stands.\
-- name: GetLine :one
select * from order_lines where id = @id;

-- name: EveryType :many
-- nullable elements: maybe
select ')sql"', @union, sqlc.narg(row), @names, @maybe, sqlc.narg(ids)
from everything;

-- name: LaterTypes :many
select @born, @price, @code, @stays, @half from later;

-- name: Touch :exec
update t set a = 1;
-- name: Rename :execrows
update t set a = @a_name_so_long_that_binding_it_needs_a_line;
)text";

FakeDescriber shop_server() {
  return FakeDescriber({
      {"select * from order_lines where id = $1",
       {{20}, {{"id", 20, 500, 1}, {"class", 25, 500, 3}, {"tags", 1009, 500, 4}}}},
      {"select ')sql\"', $1, $2, $3, $4, $5\nfrom everything",
       {{9000, 3802, 1009, 1009, 2951},
        {{"flag!", 16},
         {"flag", 21},
         {"?column?", 23},
         {"bytes", 17},
         {"o", 26},
         {"float!", 700},
         {"f8?", 701},
         {"mail", 9001},
         {"at!", 1184},
         {"doc!", 114},
         {"place", 9000},
         {"a_name_so_long_that_decoding_it_needs_a_line!", 1009}}}},
      {"select $1, $2, $3, $4, $5 from later",
       {{1082, 1700, 1562, 3907, 9003},
        {{"born!", 1082},
         {"opens!", 1083},
         {"local!", 1114},
         {"lasts!", 1186},
         {"price!", 1700},
         {"code", 1560},
         {"mask!", 1562},
         {"i4!", 3904},
         {"i8", 3926},
         {"n!", 3906},
         {"d!", 3912},
         {"ts!", 3908},
         {"tstz!", 3910},
         {"half!", 9003},
         {"sparse!", 9004},
         {"prices!", 1231}}}},
      {"update t set a = 1", {}},
      {"update t set a = $1", {{1043}, {}}},
  });
}

std::vector<EmittedFile> emit_shop(const std::string& name_space) {
  Diagnostics diagnostics;
  FakeDescriber server = shop_server();
  const Catalog catalog = shop_catalog();
  const auto files = compile({{"shop.sql", "shop.sql", shop_sql}}, catalog, server, diagnostics);
  check_cpp_types(files, catalog, {}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_line(diagnostic);
  return emit(files, catalog, {.name_space = name_space});
}

/// The golden files are compiled into this test, so what is emitted is known to compile without a
/// warning. LOCI_UPDATE_GOLDEN=1 writes them anew.
TEST(Emitter, WritesWhatTheGoldenFilesHold) {
  const std::string folder = LOCI_SOURCE_DIR "/tests/sqlgen/golden/";
  const std::vector<EmittedFile> files = emit_shop("loci::golden");
  ASSERT_EQ(files.size(), 2u);
  for (const EmittedFile& file : files) {
    if (std::getenv("LOCI_UPDATE_GOLDEN") != nullptr)
      std::ofstream(folder + file.name) << file.text;
    std::ifstream golden(folder + file.name);
    const std::string text((std::istreambuf_iterator<char>(golden)),
                           std::istreambuf_iterator<char>());
    EXPECT_EQ(file.text, text) << file.name;
  }
}

TEST(Emitter, GoldenQueriesAreQueriesOfTheDriver) {
  static_assert(pg::Query<golden::GetLine> && pg::Query<golden::EveryType> &&
                pg::Query<golden::LaterTypes> && pg::Query<golden::Touch> &&
                pg::Query<golden::Rename>);
  static_assert(
      std::is_same_v<pg::OutcomeOf<golden::GetLine>, std::optional<golden::models::OrderLine>>);
  pg::Params params;
  golden::EveryType{.union_ = {{1.0F}}, .names = {"a"}, .maybe = {{"b"}, std::nullopt}}.bind(
      params);
  ASSERT_EQ(params.slots().size(), 5u);
  EXPECT_EQ(params.slots()[1].length, -1);
  EXPECT_GT(params.slots()[3].length, params.slots()[2].length);
  EXPECT_EQ(golden::GetLine::statement.sql, "select * from order_lines where id = $1");
}

TEST(Emitter, AForeignNamespaceQualifiesWhatIsOurs) {
  for (const EmittedFile& file : emit_shop("app::sql")) {
    EXPECT_THAT(file.text, HasSubstr("namespace app::sql"));
    EXPECT_EQ(file.text.find(" pg::"), std::string::npos) << file.text;
    EXPECT_EQ(file.text.find("<pg::"), std::string::npos) << file.text;
  }
}

TEST(Emitter, TablesWithTheSameSingularKeepTheirSchemaApart) {
  Diagnostics diagnostics;
  FakeDescriber server(
      {{"select a", {{}, {{"id", 20, 501, 1}}}}, {"select b", {{}, {{"id", 20, 502, 1}}}}});
  const Catalog catalog = shop_catalog();
  const auto files =
      compile({{"b.sql", "b.sql", "-- name: A :one\nselect a;\n-- name: B :one\nselect b;"}},
              catalog, server, diagnostics);
  const auto emitted = emit(files, catalog, {.name_space = "loci::x"});
  EXPECT_THAT(emitted.at(0).text, HasSubstr("struct Box {"));
  EXPECT_THAT(emitted.at(0).text, HasSubstr("struct ShopBox {"));
}

TEST(Emitter, TypesWithoutACxxSideAreFaultsWithARemedy) {
  Diagnostics diagnostics;
  FakeDescriber server(
      {{"select $1, $2, $3", {{790, 1015, 9002}, {{"total", 791}, {"spans", 4532}, {"x", 77}}}}});
  const Catalog catalog = shop_catalog();
  const auto files = compile({{"t.sql", "t.sql", "-- name: T :one\nselect @a, @b, @c;"}}, catalog,
                             server, diagnostics);
  ASSERT_THAT(diagnostics.all(), IsEmpty());
  check_cpp_types(files, catalog, {}, diagnostics);
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) lines.push_back(to_line(diagnostic));
  const std::string none = ", which has no C++ type yet; cast it, as in ";
  EXPECT_THAT(
      lines, ElementsAre("t.sql:2:8: T: parameter @a has type money" + none + "@a::text",
                         "t.sql:1:1: T: column total has type money[]" + none + "total::text",
                         "t.sql:1:1: T: column spans has type nummultirange" + none + "spans::text",
                         "t.sql:1:1: T: column x has type oid 77" + none + "x::text"));
}

/// The shop with enums, one of them called as a box would be.
Catalog shop_with_enums() {
  Catalog catalog = shop_catalog();
  using Kind = TypeFacts::Kind;
  catalog.types[9006] = {"box", Kind::enumeration, 0, "", false, {"small", "large"}};
  catalog.types[9007] = {"box[]", Kind::array, 9006};
  catalog.types[9008] = {"shop.box", Kind::enumeration, 0, "", false, {"small"}};
  return catalog;
}

/// The files of one query that gives the boxes, with these options.
std::vector<EmittedFile> emit_boxes(const EmitOptions& options) {
  Diagnostics diagnostics;
  FakeDescriber server({{"select $1, $2", {{9006, 9007}, {{"id", 20, 501, 1}}}}});
  const Catalog catalog = shop_with_enums();
  const auto files = compile({{"b.sql", "b.sql", "-- name: A :one\nselect @kind, @kinds;"}},
                             catalog, server, diagnostics);
  check_cpp_types(files, catalog, options, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_line(diagnostic);
  return emit(files, catalog, options);
}

TEST(Emitter, EnumsAndTablesHaveNamesOfTheirOwn) {
  const auto emitted = emit_boxes({.name_space = "app"});
  ASSERT_EQ(emitted.size(), 2u);
  EXPECT_THAT(emitted[0].text, HasSubstr("enum class Box : std::uint8_t {\n  small,\n  large,"));
  EXPECT_THAT(emitted[0].text, HasSubstr("struct Boxes {"));
  EXPECT_EQ(emitted[0].text.find("ShopBox"), std::string::npos) << "nobody uses it";
  EXPECT_THAT(emitted[1].text, HasSubstr("models::Box kind{};\n  std::vector<models::Box> kinds;"));
  EXPECT_THAT(emitted[1].text, HasSubstr("select $1, $2::text[]::\"box\"[])sql"));
  EXPECT_THAT(
      emitted[1].text,
      HasSubstr("loci::pg::type::Array<loci::pg::type::LabelText<models::BoxType>>>(kinds)"));
}

TEST(Emitter, NamesAreAsTheUserWantsThem) {
  const auto exact = emit_boxes({.name_space = "app",
                                 .rename = {{"box", "Crate"}, {"kind", "sort"}, {"small", "tiny"}},
                                 .emit_exact_table_names = true});
  EXPECT_THAT(exact[0].text, HasSubstr("enum class Crate : std::uint8_t {\n  tiny,"));
  EXPECT_THAT(exact[0].text, HasSubstr("EnumLabel{Crate::tiny, \"small\"}"));
  EXPECT_THAT(exact[0].text, HasSubstr("struct Boxes {"));
  EXPECT_THAT(exact[1].text, HasSubstr("models::Crate sort{};"));

  const Catalog catalog = shop_with_enums();
  const EmitOptions of_a_schema{.rename = {{"shop_box", "Parcel"}}};
  EXPECT_EQ(*TypeNames(catalog, of_a_schema).find(9008), "Parcel");
  EXPECT_EQ(*TypeNames(catalog, {}).find(9008), "ShopBox");
}

TEST(Emitter, AnOverrideIsForATypeHoweverItIsSpelt) {
  for (const std::string spelling : {"int8", "bigint", "pg_catalog.int8"}) {
    const auto emitted = emit_boxes({.overrides = {{.db_type = spelling,
                                                    .type = "app::Number",
                                                    .codec = "app::NumberType",
                                                    .header = "<app/number.hpp>"}}});
    EXPECT_THAT(emitted.at(0).text, HasSubstr("#include <app/number.hpp>"));
    EXPECT_THAT(emitted.at(0).text, HasSubstr("app::Number id{};"));
    EXPECT_THAT(emitted.at(1).text, HasSubstr("row.get<app::NumberType>(0)"));
  }
}

TEST(Emitter, LabelsThatAreAlikeAreCounted) {
  EXPECT_THAT(enumerators({"x", "X-Y", "x_y", "x-y", "", "delete", "2"}, {}),
              ElementsAre("x", "X_Y", "x_y", "x_y_2", "value_", "delete_", "value_2"));
}

TEST(Emitter, RefusesWhatCopyCannotCarry) {
  Diagnostics diagnostics;
  const std::string insert = "insert into t (a, b, c) values ($1, $2, $3)";
  FakeDescriber server({{insert, {{9005, 9007, 2951}, {}}}});
  const Catalog catalog = shop_with_enums();
  const auto files =
      compile({{"querier.sql", "querier.sql",
                "-- name: A :copyfrom\ninsert into t (a, b, c) values (@a, @b, @c)"}},
              catalog, server, diagnostics);
  check_cpp_types(files, catalog, {.emit_interface = true}, diagnostics);
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) lines.push_back(to_line(diagnostic));
  const std::string why = ", which COPY cannot carry from here; use :batchexec";
  EXPECT_THAT(lines, ElementsAre(HasSubstr("querier.sql:1:1: querier.hpp is the file"),
                                 "querier.sql:2:33: A: parameter @a has type vector[]" + why,
                                 "querier.sql:2:37: A: parameter @b has type box[]" + why));
}

TEST(Compile, ReportsTheFaultsOfAllQueriesAndFiles) {
  Diagnostics diagnostics;
  FakeDescriber server({{"select 1", {}}, {"select $1", {{25}, {{"a", 25}}}}});
  (void)compile(
      {{"a.sql", "a.sql", "-- name: A :one\nselect nonsense;\n-- name: B :many\nselect 1;"},
       {"b.sql", "b.sql",
        "-- name: B :one\nselect @a;\n-- name: C :one\n-- nullable elements: b, a\nselect @a"},
       {"models.sql", "models.sql", ""}},
      shop_catalog(), server, diagnostics);
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) lines.push_back(to_line(diagnostic));
  EXPECT_THAT(
      lines, ElementsAre("a.sql:2:8: A: not a statement of the test (42601)",
                         HasSubstr("a.sql:3:1: B is :many but its statement returns no columns"),
                         "b.sql:1:1: B is already the name of the query at a.sql:3",
                         "b.sql:3:1: C: `nullable elements` names b, which is no parameter of it",
                         HasSubstr("b.sql:5:8: C: `nullable elements` names a, whose type is text"),
                         HasSubstr("models.sql:1:1: models.hpp is")));
}

}  // namespace
}  // namespace loci::sqlgen
