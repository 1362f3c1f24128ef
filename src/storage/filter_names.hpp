#pragma once
#include <loci/storage/filter.hpp>

#include <optional>
#include <string_view>

/// Operators by the names that filters in JSON give them.
namespace loci::storage {

/// "eq", "starts_with" ...; of the connectives "and", "or", "not".
[[nodiscard]] std::string_view operator_name(FilterOp op) noexcept;

/// The operator of a condition; nullopt for any other word, the connectives' included.
[[nodiscard]] std::optional<FilterOp> operator_of(std::string_view name) noexcept;

/// The one most like `name`.
[[nodiscard]] std::string_view nearest_operator(std::string_view name);

[[nodiscard]] constexpr bool is_connective(FilterOp op) noexcept {
  return op == FilterOp::conjunction || op == FilterOp::disjunction || op == FilterOp::negation;
}

}  // namespace loci::storage
