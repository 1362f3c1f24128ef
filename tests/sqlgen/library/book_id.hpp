#pragma once
#include <loci/base/json_writer.hpp>
#include <loci/base/uuid.hpp>
#include <loci/pg/types/scalar.hpp>

/// A type of the user's own, as an override names it.
namespace library {

struct BookId {
  loci::Uuid uuid;
  bool operator==(const BookId&) const = default;
};

struct BookIdType {
  using Value = BookId;
  static constexpr loci::pg::TypeId id = loci::pg::type::Uuid::id;
  static void encode(loci::pg::Encoder& out, const BookId& value) {
    loci::pg::type::Uuid::encode(out, value.uuid);
  }
  static BookId decode(std::string_view bytes) { return {loci::pg::type::Uuid::decode(bytes)}; }
};

inline void write_json(loci::JsonWriter& out, const BookId& value) {
  out.value("book " + value.uuid.str());
}

}  // namespace library
