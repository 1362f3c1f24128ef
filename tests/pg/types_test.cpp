#include <loci/pg/types.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <random>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::query;
using test::value;

struct Types : testing::Test {
  // What comes back of a value that went to the server as `sql_type`.
  template <class Type>
  typename Type::Value echo(const typename Type::Value& sent, const std::string& sql_type) {
    const std::string sql = "select $1::" + sql_type;
    return db.run(value<Type>(db.pool, query<Type>(sql, sent)));
  }
  // The server's own text for a value that was sent in binary.
  template <class Type>
  std::string text_of(const typename Type::Value& sent, const std::string& sql_type) {
    const std::string sql = "select ($1::" + sql_type + ")::text";
    return db.run(value<type::Text>(db.pool, query<Type>(sql, sent)));
  }
  template <class Type>
  typename Type::Value read(const std::string& expression) {
    const std::string sql = "select " + expression;
    return db.run(value<Type>(db.pool, query(sql)));
  }
  template <class Type>
  void expect_echo(const std::vector<typename Type::Value>& values, const std::string& sql_type) {
    for (const typename Type::Value& each : values)
      EXPECT_EQ(echo<Type>(each, sql_type), each) << sql_type;
  }
  static void SetUpTestSuite() { shared = std::make_unique<Database>(); }
  static void TearDownTestSuite() { shared.reset(); }
  static inline std::unique_ptr<Database> shared;
  Database& db = *shared;
};

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

TEST_F(Types, TimesComeBackToTheMicrosecond) {
  for (const char* text :
       {"2024-10-29T15:59:18.774635Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999999Z",
        "2000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(echo<type::Timestamptz>(*time, "timestamptz"), *time);
    EXPECT_EQ(read<type::Timestamptz>("'" + std::string(text) + "'::timestamptz"), *time);
  }
}

TEST_F(Types, FarTimesKeepTheirDistanceFromInfinity) {
  const Timestamp earliest = read<type::Timestamptz>("'4713-01-01 00:00:00+00 BC'::timestamptz");
  EXPECT_EQ(echo<type::Timestamptz>(earliest, "timestamptz"), earliest);
  EXPECT_GT(earliest, Timestamp::min());
  const Timestamp latest = read<type::Timestamptz>("'294246-12-31 23:59:59+00'::timestamptz");
  EXPECT_EQ(echo<type::Timestamptz>(latest, "timestamptz"), latest);
  EXPECT_LT(latest, Timestamp::max());
  // The server goes thirty years further than 64 bits of microseconds from 1970 do.
  EXPECT_EQ(error_of([&] {
              return read<type::Timestamptz>("'294276-12-31 00:00:00+00'::timestamptz");
            }).kind(),
            ErrorKind::protocol);
  EXPECT_EQ(error_of([&] {
              return echo<type::Timestamptz>(Timestamp::min() + std::chrono::days(1),
                                             "timestamptz");
            }).kind(),
            ErrorKind::invalid_argument);
}

TEST_F(Types, InfiniteTimesAreTheExtremes) {
  EXPECT_EQ(read<type::Timestamptz>("'infinity'::timestamptz"), Timestamp::max());
  EXPECT_EQ(read<type::Timestamptz>("'-infinity'::timestamptz"), Timestamp::min());
  EXPECT_EQ(text_of<type::Timestamptz>(Timestamp::max(), "timestamptz"), "infinity");
  EXPECT_EQ(text_of<type::Timestamptz>(Timestamp::min(), "timestamptz"), "-infinity");
}

TEST_F(Types, JsonIsKeptVerbatimAndJsonbIsNot) {
  const JsonText text{R"( {"b": 1,  "a":[1.50,null], "b":2} )"};
  EXPECT_EQ(echo<type::Json>(text, "json"), text);
  EXPECT_EQ(echo<type::Jsonb>(text, "jsonb"), (JsonText{R"({"a": [1.50, null], "b": 2})"}));
}

TEST_F(Types, VectorsComeBack) {
  std::vector<float> longest(16'000);
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<float>(i) * 0.5F;
  expect_echo<type::Vector>({Vector{{1.0F}}, Vector{{-0.5F, 3e38F, 1e-38F}}, Vector{longest}},
                            "vector");
  EXPECT_EQ(text_of<type::Vector>(Vector{{1, 2.5, -3}}, "vector"), "[1,2.5,-3]");
}

TEST_F(Types, VectorsTheServerCouldNotKeepAreRefusedHere) {
  for (const Vector& bad :
       {Vector{}, Vector{std::vector<float>(16'001)}, Vector{{1, std::nanf("")}},
        Vector{{std::numeric_limits<float>::infinity()}}}) {
    const Error error = error_of([&] {
      Encoder out;
      type::Vector::encode(out, bad);
      return 0;
    });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  }
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

// Bytes nobody should have sent: only Error{protocol} may come of them.
template <class Type>
void expect_harmless(std::string_view bytes) {
  try {
    (void)Type::decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::protocol);
  }
}

void decode_as_everything(std::string_view bytes) {
  expect_harmless<type::Bool>(bytes);
  expect_harmless<type::Int2>(bytes);
  expect_harmless<type::Int4>(bytes);
  expect_harmless<type::Int8>(bytes);
  expect_harmless<type::Oid>(bytes);
  expect_harmless<type::Float4>(bytes);
  expect_harmless<type::Float8>(bytes);
  expect_harmless<type::Text>(bytes);
  expect_harmless<type::Bytea>(bytes);
  expect_harmless<type::Uuid>(bytes);
  expect_harmless<type::Timestamptz>(bytes);
  expect_harmless<type::Json>(bytes);
  expect_harmless<type::Jsonb>(bytes);
  expect_harmless<type::Vector>(bytes);
  expect_harmless<type::Array<type::Int4>>(bytes);
  expect_harmless<type::Array<type::Text>>(bytes);
  expect_harmless<type::Array<type::Vector>>(bytes);
  expect_harmless<type::ArrayOfNullable<type::Text>>(bytes);
  expect_harmless<type::ArrayOfNullable<type::Timestamptz>>(bytes);
}

TEST(HostileBytes, RandomBytesAreAValueOrAProtocolError) {
  std::mt19937_64 random(20241029);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    decode_as_everything(bytes);
  }
}

// Good values with a few bytes changed, cut off or added reach further than random ones.
TEST(HostileBytes, DamagedValuesAreAValueOrAProtocolError) {
  std::vector<std::string> good;
  const auto keep = [&]<class Type>(Type, const typename Type::Value& sound) {
    Encoder out;
    Type::encode(out, sound);
    good.push_back(out.bytes());
  };
  keep(type::Array<type::Text>(), {"one", "", "three"});
  keep(type::ArrayOfNullable<type::Text>(), {"one", std::nullopt});
  keep(type::Array<type::Vector>(), {Vector{{1, 2}}, Vector{{3}}});
  keep(type::Array<type::Int4>(), {1, 2, 3, 4});
  keep(type::Vector(), Vector{{1, 2, 3}});
  keep(type::Jsonb(), JsonText{"{}"});
  keep(type::Timestamptz(), Timestamp());
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good[random() % good.size()];
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
      constexpr unsigned char telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
      const auto byte =
          random() % 2 == 0 ? telling[random() % 5] : static_cast<unsigned char>(random());
      bytes[random() % bytes.size()] = static_cast<char>(byte);
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 8));
    decode_as_everything(bytes);
  }
}

TEST(HostileBytes, AnArraysClaimedLengthAllocatesNothing) {
  Encoder out;
  for (const std::int32_t field : {1, 0, 23, INT32_MAX, 1}) out.integer(field);
  EXPECT_EQ(error_of([&] { return type::Array<type::Int4>::decode(out.bytes()); }).kind(),
            ErrorKind::protocol);
}

}  // namespace
}  // namespace loci::pg
