#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/query.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace loci::sqlgen {

/// Which queries return whole rows of one table, and what the struct of such a table is called.
class Models {
public:
  /// `types` must live as long.
  explicit Models(const CppTypes& types) : types_(types), catalog_(types.catalog()) {}

  /// The table whose columns are the query's, all of them, in order, under their own names and with
  /// its own NOT NULL; 0 when there is none.
  [[nodiscard]] std::uint32_t table_of(const Query& query) const;

  /// Gives each used table the singular of its name; the plain names where two would be the same,
  /// or another type is called so.
  void name(std::span<const std::uint32_t> tables);

  /// The struct's name. Preconditions: the table was given to name().
  [[nodiscard]] const std::string& name_of(std::uint32_t table) const { return names_.at(table); }
  /// Struct names and their tables, in order of the names.
  [[nodiscard]] std::map<std::string, std::uint32_t> in_order() const;

private:
  std::string struct_name(const TableFacts& table, bool in_singular) const;

  const CppTypes& types_;
  const Catalog& catalog_;
  std::map<std::uint32_t, std::string> names_;
};

}  // namespace loci::sqlgen
