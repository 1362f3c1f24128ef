#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/nullability/facts.hpp"
#include "sqlgen/server_tree.hpp"

#include <cstdint>

namespace loci::sqlgen {

/// Which columns cannot be NULL in a row for which a condition holds: `x = 1` holds for no NULL x.
class Proofs {
public:
  explicit Proofs(const Catalog& catalog) : catalog_(catalog) {}

  [[nodiscard]] const Catalog& catalog() const noexcept { return catalog_; }

  /// Of the columns of the query that stands `level` queries above the expression.
  [[nodiscard]] Facts when_true(const TreeValue& condition, std::int64_t level = 0) const;
  [[nodiscard]] Facts when_false(const TreeValue& condition, std::int64_t level = 0) const;
  [[nodiscard]] Facts when_not_null(const TreeValue& expression, std::int64_t level = 0) const;

private:
  enum class Outcome : std::uint8_t { is_true, is_false, is_not_null };
  Facts when(Outcome outcome, const TreeValue& expression, std::int64_t level) const;
  Facts of_parts(Outcome outcome, const TreeValue& expression, std::int64_t level) const;
  Facts of_bool(Outcome outcome, const TreeValue& expression, std::int64_t level) const;
  Facts of_null_test(Outcome outcome, const TreeValue& test, std::int64_t level) const;
  Facts of_truth_test(Outcome outcome, const TreeValue& test, std::int64_t level) const;
  Facts of_distinct(Outcome outcome, const TreeValue& test, std::int64_t level) const;
  Facts of_array_test(Outcome outcome, const TreeValue& test, std::int64_t level) const;
  Facts of_sublink(const TreeValue& sublink, std::int64_t level) const;
  Facts of_constant(Outcome outcome, const TreeValue& constant) const;
  Facts of_all(const TreeValue& expressions, std::int64_t level) const;
  bool is_strict(const TreeValue& function_oid) const;
  bool is_repeatable(const TreeValue& expression) const;

  const Catalog& catalog_;
};

}  // namespace loci::sqlgen
