#pragma once
#include "sqlgen/server_tree.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// What some grouping set leaves out: in its rows NULL stands for it.
///
/// PostgreSQL 17 puts NULL for whatever is equal to an item of GROUP BY once both were simplified
/// (constants computed, functions written in SQL put in place, casts and joined columns seen
/// through), which their trees do not show. So more may be called left out here than is.
class LeftOut {
public:
  /// The query, which must outlive it.
  explicit LeftOut(const TreeValue& query) : query_(query) {}

  /// An item of GROUP BY.
  void add(const TreeValue& item);

  /// Of an expression of the query. Its parts have to be asked about, too.
  [[nodiscard]] bool has(const TreeValue& expression) const;
  /// Of a column of the query's range table.
  [[nodiscard]] bool has_column(std::int64_t entry, std::int64_t column) const;

private:
  struct Column {
    std::int64_t level = 0;  ///< Queries above.
    std::int64_t entry = 0;
    std::int64_t column = 0;  ///< 0 is the whole row.
    auto operator<=>(const Column&) const = default;
  };
  /// An item and its parts.
  struct Item {
    std::set<Column> columns;
    std::set<std::string> kinds;        ///< Of the parts made of columns.
    std::set<std::string> column_free;  ///< Of those made of none.
    bool calls_users_function = false;  ///< Which may turn into anything.

    [[nodiscard]] bool has(const Column& column) const;
  };
  struct Look;

  bool note(Item& item, const TreeValue& part, std::int64_t depth) const;
  [[nodiscard]] const TreeValue& joined(const TreeValue& var) const noexcept;

  const TreeValue& query_;
  std::vector<Item> items_;
};

}  // namespace loci::sqlgen
