#include <loci/base/error.hpp>
#include <loci/pg/types.hpp>
#include <loci/pg/types/bit_string.hpp>
#include <loci/pg/types/composite.hpp>
#include <loci/pg/types/enumeration.hpp>
#include <loci/pg/types/numeric.hpp>
#include <loci/pg/types/range.hpp>

#include <gtest/gtest.h>
#include <array>
#include <random>

#include "support/effort.hpp"

/// Bytes nobody should have sent: only a value or Error{protocol} may come of them.
namespace loci::pg {
namespace {

enum class HostileMood : std::uint8_t { good, bad };
constexpr std::array k_moods{type::EnumLabel{HostileMood::good, "good"},
                             type::EnumLabel{HostileMood::bad, "bad"}};
using HostileMoodType = type::Enum<k_moods>;

struct Pair {
  std::int32_t number = 0;
  std::optional<std::string> text;
};
using PairType = type::Composite<Pair, type::Field<&Pair::number, type::Int4>,
                                 type::Field<&Pair::text, type::Text>>;

// A value that was made of them must also be fit to be sent, or refused in the usual way.
template <class Type>
void expect_harmless(std::string_view bytes) {
  std::optional<typename Type::Value> value;
  try {
    value = Type::decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::protocol);
    return;
  }
  try {
    Encoder out;
    Type::encode(out, *value);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  }
}

template <class... Types>
struct Each {
  static void expect_harmless(std::string_view bytes) { (pg::expect_harmless<Types>(bytes), ...); }
};
using EveryType =
    Each<type::Bool, type::Int2, type::Int4, type::Int8, type::Oid, type::Float4, type::Float8,
         type::Text, type::Bytea, type::Uuid, type::Json, type::Jsonb, type::Date, type::Time,
         type::Timestamp, type::Timestamptz, type::Interval, type::Numeric, type::Vector,
         type::Halfvec, type::Sparsevec, type::Bit, type::Varbit, type::Int4Range, type::Int8Range,
         type::NumRange, type::DateRange, type::TsRange, type::TstzRange, HostileMoodType, PairType,
         type::Array<type::Int4>, type::Array<type::Text>, type::Array<type::Vector>,
         type::Array<type::Numeric>, type::Array<type::NumRange>, type::Array<type::Sparsevec>,
         type::ArrayOfNullable<type::Text>, type::ArrayOfNullable<type::Timestamptz>,
         type::ArrayOfNullable<type::Varbit>>;

template <class Type>
std::string sound(const typename Type::Value& value) {
  Encoder out;
  Type::encode(out, value);
  return out.take();
}

std::vector<std::string> sound_values() {
  const Range<Decimal> range{Decimal::parse("1.5"), Decimal::parse("2e10"), false, true};
  return {
      sound<type::Array<type::Text>>({"one", "", "three"}),
      sound<type::ArrayOfNullable<type::Text>>({"one", std::nullopt}),
      sound<type::Array<type::Vector>>({Vector{{1, 2}}, Vector{{3}}}),
      sound<type::Array<type::Int4>>({1, 2, 3, 4}),
      sound<type::Array<type::NumRange>>({range, Range<Decimal>::nothing()}),
      sound<type::Vector>(Vector{{1, 2, 3}}),
      sound<type::Halfvec>(Vector{{1, 2, 3}}),
      sound<type::Sparsevec>(SparseVector{9, {1, 4, 8}, {1, 2, 3}}),
      sound<type::Jsonb>(JsonText{"{}"}),
      sound<type::Timestamptz>(Timestamp()),
      sound<type::Date>(std::chrono::sys_days()),
      sound<type::Time>(std::chrono::hours(24)),
      sound<type::Interval>({1, 2, std::chrono::seconds(3)}),
      sound<type::Numeric>(*Decimal::parse("-1234567.00089")),
      sound<type::Numeric>(*Decimal::parse("1e-40")),
      sound<type::NumRange>(range),
      sound<type::Int4Range>({1, std::nullopt}),
      sound<type::Varbit>(*BitString::parse("1011001110001")),
      sound<HostileMoodType>(HostileMood::bad),
      sound<PairType>({7, "seven"}),
  };
}

TEST(HostileBytes, RandomBytesAreAValueOrAProtocolError) {
  std::mt19937_64 random(20241029);
  for (int i = 0; i < test::rounds(4'000, 4'000, 1'000); ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EveryType::expect_harmless(bytes);
  }
}

TEST(HostileBytes, TruncatedValuesAreAValueOrAProtocolError) {
  for (const std::string& good : sound_values()) {
    for (std::size_t length = 0; length <= good.size(); ++length) {
      EveryType::expect_harmless(good.substr(0, length));
    }
  }
}

// Good values with a few bytes changed, cut off or added reach further than random ones.
TEST(HostileBytes, DamagedValuesAreAValueOrAProtocolError) {
  const std::vector<std::string> good = sound_values();
  std::mt19937_64 random(7);
  for (int i = 0; i < test::rounds(8'000, 8'000, 2'000); ++i) {
    std::string bytes = good[random() % good.size()];
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
      constexpr unsigned char telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
      const auto byte =
          random() % 2 == 0 ? telling[random() % 5] : static_cast<unsigned char>(random());
      bytes[random() % bytes.size()] = static_cast<char>(byte);
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 8));
    EveryType::expect_harmless(bytes);
  }
}

template <class Type>
void expect_refused(std::initializer_list<std::int32_t> words, std::string_view tail = {}) {
  Encoder out;
  for (const std::int32_t word : words) out.integer(word);
  out.raw(tail);
  try {
    (void)Type::decode(out.bytes());
    ADD_FAILURE() << "taken for a value";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::protocol);
  }
}

TEST(HostileBytes, AClaimedLengthAllocatesNothing) {
  expect_refused<type::Array<type::Int4>>({1, 0, 23, INT32_MAX, 1});
  expect_refused<type::Sparsevec>({1000, INT32_MAX, 0});
  expect_refused<type::Sparsevec>({1000, -1, 0});
  expect_refused<type::Varbit>({INT32_MAX});
  expect_refused<type::Varbit>({-1});
}

TEST(HostileBytes, ValuesNoServerHasAreRefused) {
  expect_refused<type::Sparsevec>({3, 1, 0, 3, 0x3F800000});                 // index beyond the end
  expect_refused<type::Sparsevec>({3, 2, 0, 1, 1, 0x3F800000, 0x3F800000});  // the same one twice
  expect_refused<type::Sparsevec>({0, 0, 0});
  expect_refused<type::Time>({-1, -1});
  const auto words = [](int high, int low) { return high << 16 | low; };
  expect_refused<type::Numeric>({words(1, 0), words(0x2000, 0)}, {"\0\1", 2});       // sign
  expect_refused<type::Numeric>({words(1, 0), words(0, 0)}, "\x27\x10");             // digit 10000
  expect_refused<type::Numeric>({words(1, -1 & 0xFFFF), words(0, 2)}, {"\0\1", 2});  // hidden
  expect_refused<type::Numeric>({words(0, 0), words(0, 0x4000)});                    // scale
  expect_refused<type::Int4Range>({}, "\x20");
  expect_refused<type::Int4Range>({}, "\x03");
  expect_refused<type::Int4Range>({}, {"\x18\0", 2});
}

}  // namespace
}  // namespace loci::pg
