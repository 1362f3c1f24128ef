#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

/// How values stand inside others (arrays, ranges, composites): a length, -1 for NULL, then bytes.
namespace loci::pg::type::detail {

template <class Type>
void encode_nested(Encoder& out, const typename Type::Value& value) {
  const std::size_t begin = out.begin_length();
  Type::encode(out, value);
  out.end_length(begin);
}

inline void encode_null(Encoder& out) {
  out.integer(std::int32_t{-1});
}

/// The bytes of the next nested value, or nullopt for NULL.
std::optional<std::string_view> nested_bytes(Decoder& in);

/// The same where NULL has no place. `what` names the whole in the Error{protocol}: `an array`.
std::string_view nested_bytes_not_null(Decoder& in, const char* what);

/// Errors: Error{protocol} when `oid` is a built-in type and not `expected`, unless that is Named.
void check_nested_type(std::uint32_t oid, TypeId expected);

/// Whether nested values of a type with this OID can be read as Type. The user's own types, without
/// an id or Named, go by another OID in every database and are not checked.
template <class Type>
void expect_nested_type(std::uint32_t oid) {
  if constexpr (requires { Type::id; }) check_nested_type(oid, Type::id);
}

/// The id that goes in front of a value of Type inside another.
template <class Type>
constexpr TypeId nested_id() {
  static_assert(
      requires { Type::id; },
      "what stands inside another value is sent with its type's OID: say its name, by type::Named");
  return Type::id;
}

/// The types whose ids go in front of what stands inside a value: `Inside` of types that nest.
template <class... Types>
struct Nests {};

/// Appends the types that go by name inside values of Type, at any depth; some perhaps twice.
template <class Type>
void add_names_inside(std::vector<TypeId>& names);

template <class... Types>
void add_names(Nests<Types...> /*types*/, std::vector<TypeId>& names) {
  const auto add = [&names]<class Type>(std::type_identity<Type>) {
    if (constexpr TypeId id = nested_id<Type>(); id.oid == 0) names.push_back(id);
    add_names_inside<Type>(names);
  };
  (add(std::type_identity<Types>()), ...);
}

template <class Type>
void add_names_inside(std::vector<TypeId>& names) {
  if constexpr (requires { typename Type::Inside; }) add_names(typename Type::Inside(), names);
}

}  // namespace loci::pg::type::detail
