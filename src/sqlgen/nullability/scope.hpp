#pragma once
#include "sqlgen/nullability/facts.hpp"
#include "sqlgen/nullability/left_out.hpp"
#include "sqlgen/nullability/proofs.hpp"
#include "sqlgen/server_tree.hpp"

#include <cstdint>
#include <map>
#include <set>

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
  /// What some grouping set leaves out, so that it is NULL in that set's rows.
  [[nodiscard]] const LeftOut& left_out() const noexcept { return left_out_; }

private:
  struct Members {
    std::set<std::int64_t> left;
    std::set<std::int64_t> right;
  };

  std::set<std::int64_t> note_joins(const TreeValue& item);
  void prove(const Proofs& proofs);
  [[nodiscard]] bool changes_rows(const Proofs& proofs) const;
  Facts from_joins(const TreeValue& item, const Proofs& proofs) const;
  bool is_inner(const TreeValue& join) const;
  void note_grouping();

  const TreeValue& query_;
  const Scope* outer_;
  std::map<std::int64_t, Members> joins_;
  std::set<JoinSide> matched_;
  Facts facts_;
  bool groups_have_rows_ = false;
  LeftOut left_out_;
};

}  // namespace loci::sqlgen
