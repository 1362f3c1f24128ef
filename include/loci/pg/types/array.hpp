#pragma once
#include <loci/pg/types/nested.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Arrays of one dimension. Those of more are Error{protocol}.
///
/// An array of an enum or a composite of yours can be read as it is. To send one, the element needs
/// its name in the database, by type::Named; or send `text[]` and cast it: `$1::text[]::mood[]`,
/// for enums as `Array<LabelText<MoodType>>`, as generated queries do.
namespace loci::pg::type {

namespace detail {
struct ArrayHead {
  std::size_t length;
  std::uint32_t element;  ///< Type OID.
};
/// Errors: Error{protocol} for more dimensions, or a length that the bytes cannot hold.
ArrayHead array_head(Decoder& in);
void array_head(Encoder& out, TypeId element, std::size_t length, bool has_null);
}  // namespace detail

/// An array whose elements may be NULL.
template <class Element>
struct ArrayOfNullable {
  using Inside = detail::Nests<Element>;
  using Value = std::vector<std::optional<typename Element::Value>>;
  static void encode(Encoder& out, const Value& value) {
    bool has_null = false;
    for (const auto& element : value) has_null = has_null || !element;
    detail::array_head(out, detail::nested_id<Element>(), value.size(), has_null);
    for (const auto& element : value) {
      if (element) {
        detail::encode_nested<Element>(out, *element);
      } else {
        detail::encode_null(out);
      }
    }
  }
  static Value decode(std::string_view bytes) {
    Decoder in(bytes);
    const detail::ArrayHead head = detail::array_head(in);
    detail::expect_nested_type<Element>(head.element);
    Value value(head.length);
    for (auto& element : value) {
      if (const auto part = detail::nested_bytes(in)) element = Element::decode(*part);
    }
    in.expect_end();
    return value;
  }
};

/// An array without NULL; a NULL element from the server is Error{protocol}.
template <class Element>
struct Array {
  using Inside = detail::Nests<Element>;
  using Value = std::vector<typename Element::Value>;
  static void encode(Encoder& out, const Value& value) {
    detail::array_head(out, detail::nested_id<Element>(), value.size(), false);
    for (const auto& element : value) detail::encode_nested<Element>(out, element);
  }
  static Value decode(std::string_view bytes) {
    Decoder in(bytes);
    const detail::ArrayHead head = detail::array_head(in);
    detail::expect_nested_type<Element>(head.element);
    Value value;
    value.reserve(head.length);
    for (std::size_t i = 0; i < head.length; ++i) {
      value.push_back(Element::decode(detail::nested_bytes_not_null(in, "an array")));
    }
    in.expect_end();
    return value;
  }
};

}  // namespace loci::pg::type
