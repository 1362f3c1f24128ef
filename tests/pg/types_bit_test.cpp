#include <loci/pg/types/bit_string.hpp>

#include <random>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using test::error_of;

struct BitTypes : test::TypesFixture {};

TEST_F(BitTypes, BitStringsOfAnyLengthComeBack) {
  std::mt19937_64 random(2);
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, '0');
    for (char& c : text) c = random() % 2 == 0 ? '0' : '1';
    const auto bits = BitString::parse(text);
    ASSERT_TRUE(bits);
    EXPECT_EQ(bits->str(), text);
    expect_text<type::Varbit>(*bits, "varbit", text);
    if (size == 0) continue;  // bit(0) is none
    expect_text<type::Bit>(*bits, "bit(" + std::to_string(size) + ")", text);
  }
  expect_echo<type::Array<type::Varbit>>({{}, {*BitString::parse("101"), BitString()}}, "varbit[]");
}

TEST_F(BitTypes, AColumnOfAnotherLengthRefuses) {
  db.script("create table flags (b bit(3))");
  EXPECT_EQ(error_of([&] {
              return db.run(test::ask(
                  db.pool, test::query<type::Bit>("insert into flags values ($1)", BitString(4))));
            }).sqlstate(),
            "22026");
}

TEST(BitString, HoldsBitsInOrder) {
  BitString bits(10);
  bits.set(0, true);
  bits.set(9, true);
  EXPECT_EQ(bits.str(), "1000000001");
  EXPECT_EQ(bits.packed(), "\x80\x40");
  EXPECT_TRUE(bits[9]);
  bits.set(9, false);
  EXPECT_FALSE(bits[9]);
  EXPECT_EQ(BitString::parse("012"), std::nullopt);
}

TEST(BitString, ClearsSpareBitsAndRefusesAWrongLength) {
  EXPECT_EQ(BitString(3, "\xFF"), *BitString::parse("111"));
  EXPECT_EQ(BitString(8, "\xFF"), *BitString::parse("11111111"));
  for (const char* packed : {"", "ab"}) {
    EXPECT_EQ(error_of([&] { return BitString(3, packed); }).kind(), ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace loci::pg
