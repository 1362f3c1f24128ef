#pragma once
#include "sqlgen/catalog.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace loci::sqlgen {

/// How generated code spells a PostgreSQL type. Names are relative to namespace loci; `root` of
/// cpp_type() is put before those that live there.
struct CppType {
  std::string tag;                ///< `pg::type::Int8`: how it travels.
  std::string value;              ///< `std::int64_t`: what C++ sees.
  std::string initial;            ///< `= 0`; empty when the value initialises itself.
  std::set<std::string> headers;  ///< `<cstdint>`: what `value` needs.
};

enum class ArrayElements : std::uint8_t { never_null, nullable };

/// The C++ side of a type; nullopt when there is none yet. `root` is `` inside namespace loci, else
/// `loci::`.
[[nodiscard]] std::optional<CppType> cpp_type(const Catalog& catalog, std::uint32_t type,
                                              ArrayElements elements, const std::string& root);

/// The same as a member that may be NULL: std::optional around it.
[[nodiscard]] CppType optional_of(CppType type);

/// A parameter of this array type cannot be sent, because its elements go by another name on the
/// wire (varchar[] is not text[]); gives the type to cast to.
[[nodiscard]] std::optional<std::string> array_to_cast_to(const Catalog& catalog,
                                                          std::uint32_t type);

}  // namespace loci::sqlgen
