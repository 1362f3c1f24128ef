#pragma once
#include <loci/base/json.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loci {

/// An embedding: single-precision components, as pgvector's `vector` keeps them.
struct Vector {
  std::vector<float> values;
  bool operator==(const Vector&) const = default;
};

}  // namespace loci

/// One struct a PostgreSQL type: the C++ value it stands for and its binary form. Generated queries
/// name these, so int4 against int8 or json against jsonb is never a guess.
///
/// encode() and decode() throw Error{protocol} when bytes do not fit, Error{invalid_argument} when
/// a value cannot be stored (a vector that is empty or holds NaN or an infinity).
namespace loci::pg::type {

struct Bool {
  using Value = bool;
  static constexpr TypeId id{16};
  static void encode(Encoder& out, bool value) { out.integer(static_cast<std::uint8_t>(value)); }
  static bool decode(std::string_view bytes);
};

template <class Integer, std::uint32_t oid>
struct IntegerType {
  using Value = Integer;
  static constexpr TypeId id{oid};
  static void encode(Encoder& out, Integer value) { out.integer(value); }
  static Integer decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto value = in.integer<Integer>();
    in.expect_end();
    return value;
  }
};
using Int2 = IntegerType<std::int16_t, 21>;
using Int4 = IntegerType<std::int32_t, 23>;
using Int8 = IntegerType<std::int64_t, 20>;
using Oid = IntegerType<std::uint32_t, 26>;

struct Float4 {
  using Value = float;
  static constexpr TypeId id{700};
  static void encode(Encoder& out, float value) { out.real(value); }
  static float decode(std::string_view bytes);
};
struct Float8 {
  using Value = double;
  static constexpr TypeId id{701};
  static void encode(Encoder& out, double value) { out.real(value); }
  static double decode(std::string_view bytes);
};

/// text, varchar, name and anything else whose binary form is its text.
struct Text {
  using Value = std::string;
  static constexpr TypeId id{25};
  static void encode(Encoder& out, std::string_view value) { out.raw(value); }
  static std::string decode(std::string_view bytes) { return std::string(bytes); }
};
struct Bytea {
  using Value = std::string;  ///< Raw bytes.
  static constexpr TypeId id{17};
  static void encode(Encoder& out, std::string_view value) { out.raw(value); }
  static std::string decode(std::string_view bytes) { return std::string(bytes); }
};
struct Uuid {
  using Value = loci::Uuid;
  static constexpr TypeId id{2950};
  static void encode(Encoder& out, const loci::Uuid& value);
  static loci::Uuid decode(std::string_view bytes);
};

/// Microseconds from 2000-01-01 UTC; the extremes of int64 are -infinity and infinity on both
/// sides.
struct Timestamptz {
  using Value = Timestamp;
  static constexpr TypeId id{1184};
  static void encode(Encoder& out, Timestamp value);
  static Timestamp decode(std::string_view bytes);
};

/// Keeps its text verbatim.
struct Json {
  using Value = JsonText;
  static constexpr TypeId id{114};
  static void encode(Encoder& out, const JsonText& value) { out.raw(value.text); }
  static JsonText decode(std::string_view bytes) { return {std::string(bytes)}; }
};
/// Normalised by the server: order, spaces and repeated keys are not kept.
struct Jsonb {
  using Value = JsonText;
  static constexpr TypeId id{3802};
  static void encode(Encoder& out, const JsonText& value);
  static JsonText decode(std::string_view bytes);
};

/// pgvector's vector: at most 16,000 finite components, at least one.
struct Vector {
  using Value = loci::Vector;
  static constexpr TypeId id{0, TypeId::Extension::vector};
  static void encode(Encoder& out, const loci::Vector& value);
  static loci::Vector decode(std::string_view bytes);
};

namespace detail {
/// Reads the head of a one-dimensional array: how many elements follow. Errors: more dimensions.
std::size_t array_length(Decoder& in);
void array_head(Encoder& out, TypeId element, std::size_t length, bool has_null);
/// The bytes of the next element, or nullopt for NULL.
std::optional<std::string_view> array_element(Decoder& in);
[[noreturn]] void null_element();
}  // namespace detail

/// A one-dimensional array whose elements may be NULL.
template <class Element>
struct ArrayOfNullable {
  using Value = std::vector<std::optional<typename Element::Value>>;
  static void encode(Encoder& out, const Value& value) {
    bool has_null = false;
    for (const auto& element : value) has_null = has_null || !element;
    detail::array_head(out, Element::id, value.size(), has_null);
    for (const auto& element : value) {
      if (!element) {
        out.integer(std::int32_t{-1});
        continue;
      }
      const std::size_t begin = out.begin_length();
      Element::encode(out, *element);
      out.end_length(begin);
    }
  }
  static Value decode(std::string_view bytes) {
    Decoder in(bytes);
    Value value(detail::array_length(in));
    for (auto& element : value) {
      if (const auto part = detail::array_element(in)) element = Element::decode(*part);
    }
    in.expect_end();
    return value;
  }
};

/// A one-dimensional array without NULL; a NULL element from the server is Error{protocol}.
template <class Element>
struct Array {
  using Value = std::vector<typename Element::Value>;
  static void encode(Encoder& out, const Value& value) {
    detail::array_head(out, Element::id, value.size(), false);
    for (const auto& element : value) {
      const std::size_t begin = out.begin_length();
      Element::encode(out, element);
      out.end_length(begin);
    }
  }
  static Value decode(std::string_view bytes) {
    Decoder in(bytes);
    const std::size_t length = detail::array_length(in);
    Value value;
    value.reserve(length);
    for (std::size_t i = 0; i < length; ++i) {
      const auto part = detail::array_element(in);
      if (!part) detail::null_element();
      value.push_back(Element::decode(*part));
    }
    in.expect_end();
    return value;
  }
};

}  // namespace loci::pg::type
