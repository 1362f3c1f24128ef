#pragma once
#include <loci/base/json_writer.hpp>
#include <loci/base/time.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

// Whoever writes a value of these has their headers.
namespace loci {
class BitString;
class Decimal;
struct Interval;
struct JsonText;
template <class T>
struct Range;
struct SparseVector;
class Uuid;
struct Vector;
namespace pg::type {
template <class Element>
struct Array;
template <class Element>
struct ArrayOfNullable;
struct Bytea;
}  // namespace pg::type
}  // namespace loci

/// The values of columns as JSON: what the write_json() of generated rows stands on. A type of your
/// own joins in by a `void write_json(loci::JsonWriter&, const Type&)` beside it.
namespace loci {

/// `"0190..."`
void write_json(JsonWriter& out, const Uuid& value);
/// As it is.
void write_json(JsonWriter& out, const JsonText& value);
/// RFC 3339 text; `"infinity"` and `"-infinity"` are the extremes. (LocalTimestamp has its own in
/// types/local_timestamp.hpp.)
void write_json(JsonWriter& out, Timestamp value);
/// `"2024-10-29"`
void write_json(JsonWriter& out, std::chrono::sys_days value);
/// A time of day: `"15:59:18.774635"`.
void write_json(JsonWriter& out, std::chrono::microseconds value);
/// `{"months": 1, "days": 2, "microseconds": 3}`
void write_json(JsonWriter& out, const Interval& value);
/// A number with all its digits; `"NaN"` and the infinities are text.
void write_json(JsonWriter& out, const Decimal& value);
/// `"0101"`
void write_json(JsonWriter& out, const BitString& value);
/// `[0.5, 1]`
void write_json(JsonWriter& out, const Vector& value);
/// `{"dimensions": 9, "indices": [0, 4], "values": [0.5, 1]}`
void write_json(JsonWriter& out, const SparseVector& value);

}  // namespace loci

namespace loci::pg {

namespace detail {

/// The shortest text that reads back as the same number; NaN and infinities become null.
void write_float(JsonWriter& out, float value);
/// PostgreSQL's own text: `"\\x00ff"`.
void write_bytes(JsonWriter& out, std::string_view value);

template <class Value>
void write_value(JsonWriter& out, const Value& value) {
  if constexpr (std::same_as<Value, float>) {
    write_float(out, value);
  } else if constexpr (std::is_arithmetic_v<Value>) {
    out.value(value);
  } else if constexpr (std::convertible_to<const Value&, std::string_view>) {
    out.value(std::string_view(value));
  } else {
    write_json(out, value);
  }
}

template <class T>
void write_bound(JsonWriter& out, std::string_view name, const std::optional<T>& bound) {
  out.member(name);
  if (bound) {
    write_value(out, *bound);
  } else {
    out.null();
  }
}

/// `{"empty": true}`, or both bounds and whether they belong to it.
template <class T>
void write_value(JsonWriter& out, const Range<T>& range) {
  out.object();
  if (range.empty) {
    out.member("empty").value(true);
  } else {
    write_bound(out, "lower", range.lower);
    write_bound(out, "upper", range.upper);
    out.member("lower_inclusive").value(range.lower_inclusive);
    out.member("upper_inclusive").value(range.upper_inclusive);
  }
  out.close();
}

/// How a value of a type of the database is written.
template <class Type>
struct JsonOf {
  static void write(JsonWriter& out, const typename Type::Value& value) { write_value(out, value); }
};
template <>
struct JsonOf<type::Bytea> {
  static void write(JsonWriter& out, std::string_view value) { write_bytes(out, value); }
};
template <class Element>
struct JsonOf<type::Array<Element>> {
  static void write(JsonWriter& out, const typename type::Array<Element>::Value& values) {
    out.array();
    for (const typename Element::Value& value : values) JsonOf<Element>::write(out, value);
    out.close();
  }
};
template <class Element>
struct JsonOf<type::ArrayOfNullable<Element>> {
  static void write(JsonWriter& out, const typename type::ArrayOfNullable<Element>::Value& values) {
    out.array();
    for (const auto& value : values) {
      if (value) {
        JsonOf<Element>::write(out, *value);
      } else {
        out.null();
      }
    }
    out.close();
  }
};

}  // namespace detail

/// Writes a member of an object: the value of a column of type Type.
template <class Type>
void json_member(JsonWriter& out, std::string_view name, const typename Type::Value& value) {
  out.member(name);
  detail::JsonOf<Type>::write(out, value);
}
template <class Type>
void json_member(JsonWriter& out, std::string_view name,
                 const std::optional<typename Type::Value>& value) {
  if (value) return json_member<Type>(out, name, *value);
  out.member(name).null();
}

}  // namespace loci::pg
