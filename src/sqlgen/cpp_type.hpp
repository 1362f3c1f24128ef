#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/emit_options.hpp"
#include "sqlgen/type_names.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// How generated code spells a PostgreSQL type.
struct CppType {
  std::string tag;                    ///< `pg::type::Int8`: how it travels.
  std::string value;                  ///< `std::int64_t`: what C++ sees.
  std::string initial;                ///< `= 0`; empty when the value initialises itself.
  std::set<std::string> headers;      ///< `<cstdint>`: what `value` needs.
  std::set<std::string> codecs = {};  ///< What `tag` needs beside them.
  std::uint32_t enumeration = 0;      ///< The enum it is, or an array of it.
  std::uint32_t composite = 0;        ///< The composite it is, or an array of it.
};

enum class ArrayElements : std::uint8_t { never_null, nullable };

/// A column of a table, which may have a C++ type of its own; table 0 is none.
struct TableColumnId {
  std::uint32_t table = 0;
  std::int16_t column = 0;
};

/// The C++ side of the types of a database.
class CppTypes {
public:
  /// Both must live as long.
  CppTypes(const Catalog& catalog, const EmitOptions& options);

  /// nullopt when there is none.
  [[nodiscard]] std::optional<CppType> find(std::uint32_t type, ArrayElements elements,
                                            TableColumnId column = {}) const;

  /// The same for a parameter: what is sent, where that is not what is read.
  [[nodiscard]] std::optional<CppType> find_sent(std::uint32_t type, ArrayElements elements,
                                                 TableColumnId column = {}) const;

  /// An array whose elements go by another OID on the wire (varchar[], of a domain, of an enum) is
  /// sent as another type and cast: `::text[]::"mood"[]`. Empty when none of that is needed.
  [[nodiscard]] std::string cast_of_sent(std::uint32_t type) const;

  /// The tag of a field of a composite: with the type's name, where the server compares that with
  /// what it is told. Preconditions: find() has a C++ side of it.
  [[nodiscard]] std::string tag_of_field(std::uint32_t type) const;

  /// Whether COPY can carry it: nothing there can be cast, and no OID is filled in that differs
  /// from database to database.
  [[nodiscard]] bool can_copy(std::uint32_t type) const;

  [[nodiscard]] const Catalog& catalog() const noexcept { return catalog_; }
  [[nodiscard]] const EmitOptions& options() const noexcept { return options_; }
  [[nodiscard]] const TypeNames& names() const noexcept { return names_; }
  /// What stands before our own names: nothing inside namespace loci, else `loci::`.
  [[nodiscard]] const std::string& root() const noexcept { return root_; }

private:
  std::optional<CppType> overridden(std::uint32_t type, TableColumnId column) const;
  std::optional<CppType> array(const TypeFacts& facts, ArrayElements elements, bool sent) const;

  const Catalog& catalog_;
  const EmitOptions& options_;
  TypeNames names_;
  std::string root_;
};

/// Why overrides of this set's own are of no use: each names a column or a type that is not there.
[[nodiscard]] std::vector<std::string> idle_overrides(const Catalog& catalog,
                                                      const EmitOptions& options);

/// The same as a member that may be NULL: std::optional around it.
[[nodiscard]] CppType optional_of(CppType type);

}  // namespace loci::sqlgen
