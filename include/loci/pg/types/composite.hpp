#pragma once
#include <loci/pg/types/nested.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace loci::pg::type {

namespace detail {
void composite_head(Encoder& out, std::size_t fields);
/// Errors: Error{protocol} when there are more or fewer.
void composite_head(Decoder& in, std::size_t fields);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

/// One field of a Composite: the member that holds it and the type it has in the database. It may
/// be NULL when the member is a std::optional; else NULL is Error{protocol}.
template <auto member, class Type>
struct Field {
  using FieldType = Type;
  template <class Struct>
  static void encode(Encoder& out, const Struct& whole) {
    const auto& value = whole.*member;
    out.type(detail::nested_id<Type>());
    if constexpr (detail::is_optional<std::remove_cvref_t<decltype(value)>>) {
      if (!value) return detail::encode_null(out);
      detail::encode_nested<Type>(out, *value);
    } else {
      detail::encode_nested<Type>(out, value);
    }
  }
  template <class Struct>
  static void decode(Decoder& in, Struct& whole) {
    auto& value = whole.*member;
    detail::expect_nested_type<Type>(in.integer<std::uint32_t>());
    if constexpr (detail::is_optional<std::remove_cvref_t<decltype(value)>>) {
      const auto bytes = detail::nested_bytes(in);
      if (bytes) value = Type::decode(*bytes);
    } else {
      value = Type::decode(detail::nested_bytes_not_null(in, "a composite's field"));
    }
  }
};

/// A composite type of the database as a struct, its fields in the order of the type's columns:
///
/// ```
/// struct Address { std::string street; std::optional<std::int32_t> number; };
/// using AddressType = pg::type::Composite<Address, pg::type::Field<&Address::street,
/// pg::type::Text>,
///                                         pg::type::Field<&Address::number, pg::type::Int4>>;
/// ```
///
/// When sent, the server compares every field's type with the column's: Text is text, not varchar,
/// and an int4 is no domain over int4. For fields of such types, of enums, other composites and
/// arrays, say the column's type by type::Named; without it the composite can be read, not sent:
///
/// ```
/// pg::type::Field<&Person::mood, pg::type::Named<"mood", MoodType>>
/// pg::type::Field<&Person::names, pg::type::Named<"text[]", pg::type::Array<pg::type::Text>>>
/// ```
template <class Struct, class... Fields>
struct Composite {
  using Value = Struct;
  using Inside = detail::Nests<typename Fields::FieldType...>;
  static void encode(Encoder& out, const Struct& value) {
    detail::composite_head(out, sizeof...(Fields));
    (Fields::encode(out, value), ...);
  }
  static Struct decode(std::string_view bytes) {
    Decoder in(bytes);
    detail::composite_head(in, sizeof...(Fields));
    Struct value{};
    (Fields::decode(in, value), ...);
    in.expect_end();
    return value;
  }
};

}  // namespace loci::pg::type
