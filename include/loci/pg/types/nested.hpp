#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

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

/// Errors: Error{protocol} when `oid` is a built-in type and not `expected`.
void check_nested_type(std::uint32_t oid, TypeId expected);

/// Whether nested values of a type with this OID can be read as Type. Types without an id, which
/// are the user's own, go by another OID in every database and are not checked.
template <class Type>
void expect_nested_type(std::uint32_t oid) {
  if constexpr (requires { Type::id; }) check_nested_type(oid, Type::id);
}

}  // namespace loci::pg::type::detail
