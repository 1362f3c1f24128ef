#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace loci {

/// An embedding: single-precision components, as pgvector's `vector` keeps them.
struct Vector {
  std::vector<float> values;
  bool operator==(const Vector&) const = default;
};

/// A vector of which only some components are kept; the others are zero.
struct SparseVector {
  std::int32_t dimensions = 0;
  std::vector<std::int32_t> indices;  ///< Of the kept ones: from 0, each greater than the last.
  std::vector<float> values;          ///< As many as there are indices.

  /// All of `dense` but its zeros.
  [[nodiscard]] static SparseVector of(std::span<const float> dense);
  bool operator==(const SparseVector&) const = default;
};

/// Errors: Error{invalid_argument} when `vector` has another number of dimensions.
void require_dimensions(const Vector& vector, std::size_t dimensions);

/// For cosine distance, where a vector without direction is far from everything and never found.
/// Errors: Error{invalid_argument} when every component is zero.
void require_nonzero(const Vector& vector);

}  // namespace loci

/// pgvector's types. encode() throws Error{invalid_argument} for what they cannot hold: a wrong
/// number of dimensions, NaN, an infinity.
namespace loci::pg::type {

/// 1 to 16,000 finite components.
struct Vector {
  using Value = loci::Vector;
  static constexpr TypeId id{0, "vector", "vector"};
  static void encode(Encoder& out, const loci::Vector& value);
  static loci::Vector decode(std::string_view bytes);
};

/// As Vector, with components kept in 16 bits: each is rounded to the nearest such number, ties to
/// even, and refused from 65520 on, which would round to infinity.
struct Halfvec {
  using Value = loci::Vector;
  static constexpr TypeId id{0, "halfvec", "vector"};
  static void encode(Encoder& out, const loci::Vector& value);
  static loci::Vector decode(std::string_view bytes);
};

/// 1 to 1,000,000,000 dimensions, at most 16,000 of them not zero. Zeros among the kept values are
/// left out on the way to the server, as its own text form does; its type cannot hold them.
struct Sparsevec {
  using Value = loci::SparseVector;
  static constexpr TypeId id{0, "sparsevec", "vector"};
  static void encode(Encoder& out, const loci::SparseVector& value);
  static loci::SparseVector decode(std::string_view bytes);
};

}  // namespace loci::pg::type
