#include <loci/pg/types/numeric.hpp>

#include <random>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using test::error_of;
using test::query;
using test::value;

struct NumericTypes : test::TypesFixture {
  // How the server writes each of these.
  std::vector<std::string> written_there(const std::vector<std::string>& texts) {
    return db.run(value<type::Array<type::Text>>(
        db.pool, query<type::Array<type::Text>>("select $1::text[]::numeric[]::text[]", texts)));
  }
  // Each text is the same number on both sides, to the last zero, whichever way it travels.
  void expect_agreement(const std::vector<std::string>& texts) {
    std::vector<Decimal> numbers;
    std::vector<std::string> ours;
    for (const std::string& text : texts) {
      const auto number = Decimal::parse(text);
      ASSERT_TRUE(number) << text;
      numbers.push_back(*number);
      ours.push_back(number->str());
    }
    EXPECT_EQ(written_there(texts), ours);
    EXPECT_EQ(texts_of<type::Numeric>(numbers, "numeric"), ours);
    const auto read_back = db.run(value<type::Array<type::Numeric>>(
        db.pool, query<type::Array<type::Text>>("select $1::text[]::numeric[]", texts)));
    EXPECT_EQ(read_back, numbers);
  }
};

TEST_F(NumericTypes, NumbersAreWrittenAsTheServerWritesThem) {
  expect_agreement({"0",
                    "-0",
                    "0.00",
                    "-0.000",
                    "00012.3400",
                    "+.5",
                    "5.",
                    "-5.",
                    "1e5",
                    "1.5e3",
                    "1.50e1",
                    "100e-1",
                    "100e-4",
                    "1E+2",
                    "0e100",
                    "0.0e-3",
                    "12345.6789",
                    "0.00001",
                    "0.0001",
                    "0.00010",
                    "1.0000",
                    "1.00000",
                    "9999",
                    "10000",
                    "100000000",
                    "-99999999.99999999",
                    "1.000000000000000000000001",
                    "1e-1000",
                    "-1e-16383",
                    "1e131071",
                    "NaN",
                    "nan",
                    "Infinity",
                    "inf",
                    "+INF",
                    "-Infinity",
                    "-inf"});
}

TEST_F(NumericTypes, TheLargestNumbersComeBack) {
  expect_agreement({std::string(131'072, '9'), "-0." + std::string(16'383, '7'),
                    std::string(131'072, '8') + "." + std::string(16'383, '1')});
}

TEST_F(NumericTypes, AnyNumberComesBackWithItsScale) {
  std::mt19937_64 random(10'000);
  std::vector<std::string> texts;
  for (int i = 0; i < 2'000; ++i) {
    const auto digits = [&](std::uint64_t most) {
      std::string run(random() % (most + 1), '0');
      // Long runs of zeros make groups of four that are left out.
      for (char& c : run) c = static_cast<char>(random() % 3 == 0 ? '0' + random() % 10 : '0');
      return run;
    };
    std::string text = random() % 2 == 0 ? "-" : "";
    text += digits(20) + "0." + digits(20);
    if (random() % 4 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    texts.push_back(text);
  }
  expect_agreement(texts);
}

TEST_F(NumericTypes, AColumnsScaleIsKept) {
  EXPECT_EQ(echo<type::Numeric>(*Decimal::parse("12.3"), "numeric(10, 4)").str(), "12.3000");
  EXPECT_EQ(echo<type::Numeric>(Decimal(), "numeric(10, 2)").scale(), 2U);
  EXPECT_EQ(echo<type::Numeric>(Decimal(INT64_MIN), "numeric").str(), "-9223372036854775808");
}

TEST_F(NumericTypes, WhatTheServerCannotKeepIsNoDecimal) {
  for (const char* text : {"1e131072", "1e-16384", "0e-16384"}) {
    EXPECT_EQ(Decimal::parse(text), std::nullopt) << text;
    EXPECT_EQ(error_of([&] { return written_there({text}); }).kind(), ErrorKind::server) << text;
  }
}

TEST(Decimal, ReadsNothingButNumbers) {
  for (const char* text :
       {"",      " ",     "1 ",      " 1",  ".",       "-",     "+",    "--1",           "+-1",
        "1.2.3", "e5",    "1e",      "1e+", "1e+-5",   "1e--5", "1e5x", "1e99999999999", "-nan",
        "0x10",  "1_000", "infinit", "1,5", "\xD9\xA1"}) {
    EXPECT_EQ(Decimal::parse(text), std::nullopt) << text;
  }
}

TEST(Decimal, KnowsWhatItHolds) {
  EXPECT_EQ(Decimal().str(), "0");
  EXPECT_EQ(Decimal(-42), *Decimal::parse("-42"));
  EXPECT_NE(*Decimal::parse("1.0"), *Decimal::parse("1.00"));
  EXPECT_EQ(Decimal::parse("-1.250")->scale(), 3U);
  EXPECT_TRUE(Decimal::parse("nan")->is_nan());
  EXPECT_FALSE(Decimal::parse("nan")->is_finite());
  EXPECT_FALSE(Decimal::parse("-inf")->is_finite());
  EXPECT_EQ(Decimal::parse("-inf")->scale(), 0U);
}

}  // namespace
}  // namespace loci::pg
