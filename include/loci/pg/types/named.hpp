#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <string_view>

namespace loci::pg::type {

/// The name in a Named, made of a literal.
template <std::size_t size>
struct TypeName {
  char text[size];
  consteval TypeName(const char (&literal)[size]) {
    for (std::size_t i = 0; i < size; ++i) text[i] = literal[i];
  }
};

/// Type, by its name in the database: an enum, a composite, a domain or whatever else was created
/// there. Needed where the server wants to be told the type: elements of an array, fields of a
/// composite. As SQL writes it: `mood`, `app.mood`, `"Mood"`, `mood[]`.
///
/// ```
/// using MoodType = pg::type::Named<"mood", pg::type::Enum<mood_labels>>;
/// using MoodsType = pg::type::Array<MoodType>;
/// ```
///
/// A pool looks a name up when it first needs it, by the search path of the connection that then
/// does so; where schemas differ in what they call by it, say the schema. One that does not exist
/// is Error{configuration}. A type may be dropped and made anew meanwhile: the server compares OIDs
/// of built-in types alone.
template <TypeName name, class Type>
struct Named : Type {
  static constexpr TypeId id{0, std::string_view(name.text, sizeof name.text - 1)};
};

}  // namespace loci::pg::type
