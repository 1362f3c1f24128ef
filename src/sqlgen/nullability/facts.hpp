#pragma once
#include "sqlgen/server_tree.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// "This is not NULL": a column of an entry of a query's range table.
struct Fact {
  std::int64_t entry = 0;            ///< Number in the range table, from 1.
  std::int64_t column = 0;           ///< From 1; 0 is the whole row.
  std::set<std::int64_t> nulled_by;  ///< The outer joins whose rows it was seen in.
  auto operator<=>(const Fact&) const = default;
};

/// What follows from a condition. From one that cannot hold, everything follows.
class Facts {
public:
  Facts() = default;
  explicit Facts(Fact fact) { all_.insert(std::move(fact)); }
  /// An expression, as it is written in the tree.
  explicit Facts(std::string_view expression) { expressions_.insert(expression); }
  [[nodiscard]] static Facts everything();

  void add(const Facts& others);       ///< Both conditions hold.
  void restrict(const Facts& others);  ///< One of the conditions holds, unknown which.
  void forget_entry(std::int64_t entry);
  void forget_expressions() { expressions_.clear(); }

  [[nodiscard]] const std::set<Fact>& all() const noexcept { return all_; }
  [[nodiscard]] bool has(std::string_view expression) const {
    return expressions_.contains(expression);
  }

private:
  std::set<Fact> all_;
  std::set<std::string_view> expressions_;
  bool everything_ = false;
};

/// One side of an outer join, whose columns are NULL in rows of the other side without a match.
struct JoinSide {
  std::int64_t join = 0;  ///< Number in the range table.
  bool left = false;
  auto operator<=>(const JoinSide&) const = default;
};

}  // namespace loci::sqlgen
