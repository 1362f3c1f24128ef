#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "pg/types/half.hpp"
#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using test::error_of;
using test::query;
using test::refusal_of;
using test::value;

struct VectorTypes : test::TypesFixture {
  // The same components in halves, rounded by the server.
  Vector halved_there(const Vector& vector) {
    return db.run(
        value<type::Halfvec>(db.pool, query<type::Vector>("select $1::vector::halfvec", vector)));
  }
};

// So that -0.0 and 0.0 differ.
std::vector<std::uint32_t> bits_of(const Vector& vector) {
  std::vector<std::uint32_t> bits;
  for (const float each : vector.values) bits.push_back(std::bit_cast<std::uint32_t>(each));
  return bits;
}

TEST_F(VectorTypes, VectorsComeBack) {
  std::vector<float> longest(16'000);
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<float>(i) * 0.5F;
  expect_echo<type::Vector>({Vector{{1.0F}}, Vector{{-0.5F, 3e38F, 1e-38F}}, Vector{longest}},
                            "vector");
  EXPECT_EQ(text_of<type::Vector>(Vector{{1, 2.5, -3}}, "vector"), "[1,2.5,-3]");
}

TEST_F(VectorTypes, VectorsTheServerCouldNotKeepAreRefusedHere) {
  for (const Vector& bad :
       {Vector{}, Vector{std::vector<float>(16'001)}, Vector{{1, std::nanf("")}},
        Vector{{std::numeric_limits<float>::infinity()}}}) {
    EXPECT_EQ(refusal_of<type::Vector>(bad), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal_of<type::Halfvec>(bad), ErrorKind::invalid_argument);
  }
}

TEST_F(VectorTypes, HalvesComeBack) {
  expect_text<type::Halfvec>(Vector{{1, -2.5F, 65504}}, "halfvec", "[1,-2.5,65504]");
  expect_echo<type::Halfvec>({Vector{std::vector<float>(16'000, 0.5F)}}, "halfvec");
  expect_echo<type::Array<type::Halfvec>>({{}, {Vector{{1, 2}}, Vector{{3}}}}, "halfvec[]");
}

TEST_F(VectorTypes, EveryFiniteHalfIsExact) {
  constexpr std::uint32_t infinity = 0x7C00;
  std::vector<std::uint16_t> halves;
  for (std::uint32_t magnitude = 0; magnitude < infinity; ++magnitude) {
    halves.push_back(static_cast<std::uint16_t>(magnitude));
    halves.push_back(static_cast<std::uint16_t>(magnitude | 0x8000U));
  }
  for (const std::uint16_t half : halves) ASSERT_EQ(to_half(from_half(half)), half);
  for (std::size_t begin = 0; begin < halves.size(); begin += 15'872) {
    Vector exact;
    for (std::size_t i = begin; i < begin + 15'872; ++i) {
      exact.values.push_back(from_half(halves[i]));
    }
    EXPECT_EQ(bits_of(echo<type::Halfvec>(exact, "halfvec")), bits_of(exact));
    EXPECT_EQ(bits_of(halved_there(exact)), bits_of(exact));
  }
}

TEST_F(VectorTypes, HalvesAreRoundedAsTheServerRounds) {
  std::mt19937_64 random(754);
  Vector vector;
  for (int i = 0; i < 8'000; ++i) {
    // From below the smallest subnormal, 2^-25, to just below what rounds to infinity.
    const auto exponent = 100 + random() % 42;
    auto mantissa = random() % (1U << 23);
    if (i % 2 == 0) mantissa = (mantissa & ~0x1FFFU) | 0x1000U;  // a tie among normal numbers
    vector.values.push_back(std::bit_cast<float>(
        static_cast<std::uint32_t>((random() % 2) << 31 | exponent << 23 | mantissa)));
  }
  // Ties among subnormals, and the edges.
  for (int i = 0; i < 64; ++i) vector.values.push_back((static_cast<float>(i) + 0.5F) * 0x1p-24F);
  for (const float edge : {0x1p-25F, 0x1.000002p-25F, 0x1p-14F, 0x1.FFFp-15F, 65519.996F, 65504.0F,
                           std::numeric_limits<float>::denorm_min(), -0.0F}) {
    vector.values.push_back(edge);
  }
  EXPECT_EQ(bits_of(echo<type::Halfvec>(vector, "halfvec")), bits_of(halved_there(vector)));
}

TEST_F(VectorTypes, ComponentsThatWouldBecomeInfiniteHalvesAreRefused) {
  for (const float large : {65520.0F, -65520.0F, 1e30F}) {
    EXPECT_EQ(refusal_of<type::Halfvec>(Vector{{large}}), ErrorKind::invalid_argument);
  }
}

TEST_F(VectorTypes, SparseVectorsComeBack) {
  expect_text<type::Sparsevec>({5, {0, 3}, {1.5F, -2}}, "sparsevec", "{1:1.5,4:-2}/5");
  expect_text<type::Sparsevec>({3, {}, {}}, "sparsevec", "{}/3");
  expect_text<type::Sparsevec>({1'000'000'000, {999'999'999}, {1}}, "sparsevec",
                               "{1000000000:1}/1000000000");
  expect_echo<type::Array<type::Sparsevec>>({{}, {{2, {1}, {1}}, {1, {}, {}}}}, "sparsevec[]");
  SparseVector longest{.dimensions = 16'000};
  for (std::int32_t i = 0; i < 16'000; ++i) {
    longest.indices.push_back(i);
    longest.values.push_back(1);
  }
  expect_echo<type::Sparsevec>({longest}, "sparsevec");
}

TEST_F(VectorTypes, ZerosAreLeftOutOfSparseVectors) {
  EXPECT_EQ(text_of<type::Sparsevec>({4, {0, 1, 3}, {0, 2, -0.0F}}, "sparsevec"), "{2:2}/4");
  const std::vector<float> dense{0, 1, 0, -2};
  EXPECT_EQ(SparseVector::of(dense), (SparseVector{4, {1, 3}, {1, -2}}));
}

TEST_F(VectorTypes, SparseVectorsTheServerCouldNotKeepAreRefusedHere) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<SparseVector> bad{
      {},
      {-1, {}, {}},
      {1'000'000'001, {}, {}},
      {3, {0}, {}},
      {3, {3}, {1}},
      {3, {-1}, {1}},
      {3, {1, 1}, {1, 1}},
      {3, {2, 1}, {1, 1}},
      {3, {0}, {nan}},
      {3, {0}, {infinity}},
  };
  for (const SparseVector& each : bad) {
    EXPECT_EQ(refusal_of<type::Sparsevec>(each), ErrorKind::invalid_argument);
  }
  const std::vector<float> too_many(16'001, 1.0F);
  EXPECT_EQ(refusal_of<type::Sparsevec>(SparseVector::of(too_many)), ErrorKind::invalid_argument);
}

TEST(VectorChecks, TellAWrongLengthAndAZeroVector) {
  const auto kind = [](auto check) {
    return error_of([&] {
             check();
             return 0;
           })
        .kind();
  };
  EXPECT_NO_THROW(require_dimensions(Vector{{1, 2}}, 2));
  EXPECT_EQ(kind([] { require_dimensions(Vector{{1, 2}}, 3); }), ErrorKind::invalid_argument);
  EXPECT_NO_THROW(require_nonzero(Vector{{0, 1e-45F}}));
  EXPECT_EQ(kind([] { require_nonzero(Vector{{0, -0.0F}}); }), ErrorKind::invalid_argument);
  EXPECT_EQ(kind([] { require_nonzero(Vector{}); }), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace loci::pg
