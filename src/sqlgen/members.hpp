#pragma once
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/models.hpp"
#include "sqlgen/query.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// A member of an emitted struct: a parameter, a column, or the row of an embedded table.
struct Member {
  std::string name;
  std::string sql_name;  ///< As it stands in SQL; made different where two would be the same.
  CppType type;          ///< Without the optional; of an embedded table only `value` is set.
  bool nullable = false;
  std::size_t column = 0;        ///< The first one it is read from.
  const Embed* embed = nullptr;  ///< In the query that the member came from.

  /// As the struct declares it.
  [[nodiscard]] CppType declared() const { return nullable ? optional_of(type) : type; }
};

/// Arrays from the server may hold NULL, whatever the column says.
inline constexpr ArrayElements in_results = ArrayElements::nullable;

/// Whether the elements of an array parameter may be NULL.
[[nodiscard]] ArrayElements elements_of(const Parameter& parameter);

/// The members of a query's struct. Preconditions, of all here: every type has a C++ side.
[[nodiscard]] std::vector<Member> members_of(std::span<const Parameter> parameters,
                                             const CppTypes& types);
/// Those of a row. `models` knows the embedded tables.
[[nodiscard]] std::vector<Member> row_members(const Query& query, const CppTypes& types,
                                              const Models& models);
/// Those of a composite type's struct: any of them may be NULL.
[[nodiscard]] std::vector<Member> members_of(const TypeFacts& composite, const CppTypes& types);
/// Those of a table's own struct.
[[nodiscard]] std::vector<Member> members_of(std::span<const Column> columns,
                                             const CppTypes& types);

}  // namespace loci::sqlgen
