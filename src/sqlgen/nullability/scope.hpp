#pragma once
#include "sqlgen/nullability/facts.hpp"
#include "sqlgen/nullability/proofs.hpp"
#include "sqlgen/server_tree.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace loci::sqlgen {

/// One query, and what its FROM, WHERE, GROUP BY and HAVING say of the rows that come out of it.
class Scope {
public:
  /// `outer` is the query around it, if any; it and the tree must outlive the scope.
  Scope(const TreeValue& query, const Scope* outer, const Proofs& proofs);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  [[nodiscard]] const TreeValue& query() const noexcept { return query_; }
  [[nodiscard]] const TreeValue& entry(std::int64_t number) const noexcept;  ///< From 1.
  [[nodiscard]] bool is_result_relation(std::int64_t entry) const noexcept;
  /// The query `level` queries around this one; null when there is none.
  [[nodiscard]] const Scope* above(std::int64_t level) const noexcept;

  /// Which side of an outer join an entry of the range table stands on.
  [[nodiscard]] JoinSide side_of(std::int64_t entry, std::int64_t join) const noexcept;
  /// Whether every row has a match on that side.
  [[nodiscard]] bool is_matched(const JoinSide& side) const { return matched_.contains(side); }
  /// What is not NULL in every row.
  [[nodiscard]] const Facts& facts() const noexcept { return facts_; }
  [[nodiscard]] bool has_grouping_sets() const noexcept { return !query_["groupingSets"].empty(); }

  /// Whether every row, or group of rows, was made of at least one row.
  [[nodiscard]] bool groups_have_rows() const noexcept { return groups_have_rows_; }
  /// Whether some grouping set leaves out this expression, which is NULL in that set's rows.
  [[nodiscard]] bool is_left_out(const TreeValue& expression) const;
  [[nodiscard]] bool is_left_out(std::int64_t entry, std::int64_t column) const;

private:
  struct Members {
    std::set<std::int64_t> left;
    std::set<std::int64_t> right;
  };

  std::set<std::int64_t> note_joins(const TreeValue& item);
  void prove(const Proofs& proofs);
  Facts from_joins(const TreeValue& item, const Proofs& proofs) const;
  bool is_inner(const TreeValue& join) const;
  void note_grouping();

  const TreeValue& query_;
  const Scope* outer_;
  std::map<std::int64_t, Members> joins_;
  std::set<JoinSide> matched_;
  Facts facts_;
  bool groups_have_rows_ = false;
  std::set<std::string_view> left_out_;  // expressions, as they are written in the tree
  std::set<std::pair<std::int64_t, std::int64_t>> left_out_columns_;
};

}  // namespace loci::sqlgen
