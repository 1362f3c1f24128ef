#include <cmath>
#include <limits>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::error_of;
using test::query;
using test::value;

struct Types : test::TypesFixture {};

TEST_F(Types, BooleansAndNumbersComeBackExactly) {
  expect_echo<type::Bool>({true, false}, "bool");
  expect_echo<type::Int2>({0, -1, INT16_MIN, INT16_MAX}, "int2");
  expect_echo<type::Int4>({0, -1, INT32_MIN, INT32_MAX}, "int4");
  expect_echo<type::Int8>({0, -1, INT64_MIN, INT64_MAX}, "int8");
  expect_echo<type::Oid>({0, 1, UINT32_MAX}, "oid");
  expect_echo<type::Float4>({0.0F, -0.0F, 1.1F, 1e-45F, std::numeric_limits<float>::infinity()},
                            "float4");
  expect_echo<type::Float8>({0.1, -1e308, 5e-324, -std::numeric_limits<double>::infinity()},
                            "float8");
  EXPECT_TRUE(std::isnan(echo<type::Float8>(std::nan(""), "float8")));
  EXPECT_EQ(text_of<type::Int8>(-42, "int8"), "-42");
  EXPECT_EQ(text_of<type::Float8>(0.1, "float8"), "0.1");
}

TEST_F(Types, TextComesBackWhateverItsLength) {
  expect_echo<type::Text>({"", "x", "\xF0\x9F\x98\x80 \xE4\xB8\xAD", "\\ ' \" \n\t\x01",
                           std::string(std::size_t{1} << 20, 'm')},
                          "text");
}

TEST_F(Types, BytesComeBackWhateverTheyAre) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  expect_echo<type::Bytea>({"", std::string(1, '\0'), all}, "bytea");
  EXPECT_EQ(text_of<type::Bytea>(std::string("\x00\xff", 2), "bytea"), "\\x00ff");
}

TEST_F(Types, UuidsComeBack) {
  const auto id = Uuid::parse("018f3b1a-7c4d-7e11-8a2b-0123456789ab");
  EXPECT_EQ(echo<type::Uuid>(*id, "uuid"), *id);
  EXPECT_EQ(text_of<type::Uuid>(*id, "uuid"), id->str());
}

TEST_F(Types, JsonIsKeptVerbatimAndJsonbIsNot) {
  const JsonText text{R"( {"b": 1,  "a":[1.50,null], "b":2} )"};
  EXPECT_EQ(echo<type::Json>(text, "json"), text);
  EXPECT_EQ(echo<type::Jsonb>(text, "jsonb"), (JsonText{R"({"a": [1.50, null], "b": 2})"}));
}

TEST_F(Types, ArraysComeBack) {
  expect_echo<type::Array<type::Int4>>({{}, {1}, {1, -2, 3}}, "int4[]");
  expect_echo<type::Array<type::Int8>>({{}, {INT64_MIN, INT64_MAX}}, "int8[]");
  expect_echo<type::Array<type::Bool>>({{}, {true, false}}, "bool[]");
  expect_echo<type::Array<type::Float8>>({{}, {0.5, -1}}, "float8[]");
  expect_echo<type::Array<type::Text>>({{}, {"", "NULL", "{a,\"b\"}", "\xC3\xA9"}}, "text[]");
  expect_echo<type::Array<type::Uuid>>({{}, {Uuid::v7(), Uuid()}}, "uuid[]");
  expect_echo<type::Array<type::Timestamptz>>({{Timestamp::max(), Timestamp()}}, "timestamptz[]");
  expect_echo<type::Array<type::Jsonb>>({{JsonText{"{}"}, JsonText{"[1, 2]"}}}, "jsonb[]");
  expect_echo<type::Array<type::Vector>>({{}, {Vector{{1, 2}}, Vector{{3}}}}, "vector[]");
  expect_echo<type::ArrayOfNullable<type::Text>>({{}, {std::nullopt}, {"a", std::nullopt, ""}},
                                                 "text[]");
  EXPECT_EQ(text_of<type::Array<type::Vector>>({Vector{{1, 2}}, Vector{{3}}}, "vector[]"),
            "{\"[1,2]\",[3]}");
}

TEST_F(Types, ArraysThatDoNotFitAreProtocolErrors) {
  const auto kind = [&](const char* sql) {
    return error_of([&] { return read<type::Array<type::Int4>>(sql); }).kind();
  };
  EXPECT_EQ(kind("array[1, null]"), ErrorKind::protocol);
  EXPECT_EQ(kind("array[[1, 2], [3, 4]]"), ErrorKind::protocol);
  EXPECT_EQ(kind("array[1.5]::float4[]"), ErrorKind::protocol);
  EXPECT_EQ(kind("array[]::int8[]"), ErrorKind::protocol);
}

TEST_F(Types, ArraysOfWhatStandsForATypeAreReadAsIt) {
  db.script("create domain small as int4 check (value < 10)");
  using Numbers = type::Array<type::Int4>;
  EXPECT_EQ(read<Numbers>("array[1, 2]::small[]"), (Numbers::Value{1, 2}));
  using Texts = type::Array<type::Text>;
  EXPECT_EQ(read<Texts>("array['a']::name[]"), (Texts::Value{"a"}));
  EXPECT_EQ(read<Texts>("array['a']::varchar[]"), (Texts::Value{"a"}));
}

TEST_F(Types, NullComesBackAsNothing) {
  Request request = query("select $1::text, $2::vector, $3::int[]");
  request.params.add<type::Text>(std::optional<std::string>());
  request.params.add<type::Vector>(std::optional<Vector>());
  request.params.add<type::Array<type::Int4>>(std::optional<std::vector<std::int32_t>>());
  const Result result = db.run(ask(db.pool, std::move(request)));
  EXPECT_EQ(result.row(0).get_optional<type::Text>(0), std::nullopt);
  EXPECT_EQ(result.row(0).get_optional<type::Vector>(1), std::nullopt);
  EXPECT_EQ(result.row(0).get_optional<type::Array<type::Int4>>(2), std::nullopt);
}

}  // namespace
}  // namespace loci::pg
