#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/nullability/null_rules.hpp"
#include "sqlgen/nullability/nullability.hpp"
#include "sqlgen/nullability/proofs.hpp"
#include "sqlgen/nullability/scope.hpp"
#include "sqlgen/server_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace loci::sqlgen {

/// Finds what can never be NULL in the output of queries. "True" always means certain.
class Analyser {
public:
  Analyser(const Catalog& catalog, const std::vector<ParameterNulls>& parameters)
      : catalog_(catalog), parameters_(parameters), proofs_(catalog) {}

  using Columns = std::vector<bool>;

  /// The columns that a SELECT, or the RETURNING of another statement, gives.
  Columns outputs(const TreeValue& query, const Scope* outer);

private:
  /// After this much work nothing is certain any more; queries of people need a thousandth of it.
  static constexpr std::size_t max_steps = 2'000'000;

  // queries.cpp
  Columns set_outputs(const TreeValue& arm, const Scope& scope);
  Columns outputs_of_entry(const TreeValue& query, const Scope* outer);
  Columns outputs_of_cte(const TreeValue& entry, const Scope& scope);
  Columns outputs_of_recursion(const TreeValue& cte, const Scope& scope);
  Columns outputs_of_view(std::uint32_t oid);

  // relations.cpp: columns of what stands in FROM
  bool is_column_certain(const TreeValue& var, const Scope& scope);
  bool is_proven(const TreeValue& var, const Scope& scope) const;
  bool is_proven_expression(const TreeValue& expression, const Scope& scope) const;
  bool is_nulled(const TreeValue& var, const Scope& scope) const;
  bool is_side_matched(const JoinSide& side, const Scope& scope) const;
  bool is_entry_column_certain(std::int64_t number, std::int64_t column, const Scope& scope);
  bool is_table_column_certain(const TreeValue& entry, std::int64_t column);
  bool is_join_column_certain(std::int64_t number, std::int64_t column, const Scope& scope);
  bool is_function_column_certain(const TreeValue& entry, std::int64_t column, const Scope& scope);
  bool are_rows_certain(const TreeValue& call, std::int64_t column, const Scope& scope);
  bool are_values_certain(const TreeValue& entry, std::int64_t column, const Scope& scope);

  // expressions.cpp
  bool is_certain(const TreeValue& expression, const Scope& scope);
  bool are_all_certain(const TreeValue& expressions, const Scope& scope);
  bool is_any_certain(const TreeValue& expressions, const Scope& scope);
  bool is_parameter_certain(const TreeValue& parameter) const;
  bool is_call_certain(const TreeValue& call, const TreeValue& function, const Scope& scope);
  bool is_case_certain(const TreeValue& expression, const Scope& scope);
  bool is_sublink_certain(const TreeValue& sublink, const Scope& scope);
  bool is_array_test_certain(const TreeValue& test, const Scope& scope);
  bool is_slice_certain(const TreeValue& subscripts, const Scope& scope);
  bool is_json_certain(const TreeValue& constructor, const Scope& scope);
  bool is_cast_certain(const TreeValue& cast, const Scope& scope);
  bool are_elements_certain(const TreeValue& array, const Scope& scope);

  // aggregates.cpp
  bool is_aggregate_certain(const TreeValue& aggregate, const Scope& scope);
  bool is_window_certain(const TreeValue& window, const Scope& scope);

  const FunctionFacts* function(const TreeValue& oid) const;

  /// What holds only in the branch of a CASE, or the side of a join, that is being looked at.
  struct Assumptions {
    std::vector<std::pair<const Scope*, Facts>> facts;
    std::vector<std::pair<const Scope*, JoinSide>> matched;
  };

  const Catalog& catalog_;
  const std::vector<ParameterNulls>& parameters_;
  Proofs proofs_;
  Assumptions assumptions_;
  std::map<const TreeValue*, Columns> known_;  // of queries in FROM and of CTEs
  std::map<std::uint32_t, Columns> views_;     // of the views met so far
  std::deque<ServerTree> view_trees_;
  std::map<const TreeValue*, Columns> recursions_;  // of CTEs, what is supposed of each
  std::vector<const Columns*> sublinks_;            // whose tests are being looked at
  bool casting_element_ = false;        // CASETESTEXPR stands for an element, which is not NULL
  const Scope* aggregating_ = nullptr;  // whose rows, not groups, the expression is about
  std::size_t steps_ = 0;
};

}  // namespace loci::sqlgen
