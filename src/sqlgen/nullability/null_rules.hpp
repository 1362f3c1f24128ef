#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/server_tree.hpp"

#include <cstdint>

/// When a function's result can be NULL. A strict function may still give NULL for arguments that
/// are not (`jsonb ->> text`), so what is certain of each is written down; all others are unsure.
namespace loci::sqlgen {

enum class NullRule : std::uint8_t {
  unsure,
  of_arguments,       ///< Not NULL unless an argument is.
  of_first_argument,  ///< Not NULL unless the first argument is.
  of_any_argument,    ///< Not NULL unless all arguments are.
  never,              ///< Not NULL whatever the arguments.
};

/// Of a call or operator: a FuncExpr, OpExpr, DistinctExpr, ...; `function` is what it calls.
[[nodiscard]] NullRule rule_of_call(const FunctionFacts& function, const TreeValue& call);

/// Of an aggregate over at least one row.
[[nodiscard]] NullRule rule_of_aggregate(const FunctionFacts& function);
/// Of an aggregate over any number of rows: `never` or `unsure`.
[[nodiscard]] NullRule rule_of_empty_aggregate(const FunctionFacts& function);

/// Of a window function that is no aggregate. first_value and last_value: in a frame that has rows.
[[nodiscard]] NullRule rule_of_window(const FunctionFacts& function);

/// Of column `number` (from 1) of a set-returning function, in each row it gives: `never`,
/// `unsure`.
[[nodiscard]] NullRule rule_of_rows(const FunctionFacts& function, std::int64_t number);

}  // namespace loci::sqlgen
