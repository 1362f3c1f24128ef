#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen {

/// What has to be known of a table to put rows into it.
struct TableShape {
  struct Column {
    int number = 0;
    std::string name;  ///< Quoted where that is needed.
    std::uint32_t type = 0;
    std::string type_text;  ///< With its modifier: `varchar(9)`.
    bool nullable = true;
    bool generated = false;
    std::string condition;  ///< What its own CHECK constraints ask of it; may be empty.
  };
  /// Columns by their place in `columns`; those of the referenced table by their place in its.
  struct ForeignKey {
    std::size_t target = 0;  ///< Place in the list of tables.
    std::vector<std::size_t> columns;
    std::vector<std::size_t> target_columns;
  };
  std::uint32_t oid = 0;
  std::string name;  ///< Qualified and quoted.
  bool partitioned = false;
  bool hides_from_owner = false;  ///< Forces row level security.
  std::vector<Column> columns;
  std::vector<ForeignKey> foreign_keys;
  std::string
      conditions;  ///< Constraints, defaults and partition bounds, as the server prints them.
};

/// The user's tables that take rows, each after those it refers to (where there is no circle).
/// Partitions are left out: their rows come through the table they are a part of.
[[nodiscard]] std::vector<TableShape> read_table_shapes(TextSession& session);

}  // namespace loci::sqlgen
