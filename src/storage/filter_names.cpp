#include "storage/filter_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.hpp"

namespace loci::storage {

namespace {

struct Name {
  FilterOp op;
  std::string_view text;
};

constexpr std::array k_names{
    Name{FilterOp::all, "all"},
    Name{FilterOp::conjunction, "and"},
    Name{FilterOp::disjunction, "or"},
    Name{FilterOp::negation, "not"},
    Name{FilterOp::eq, "eq"},
    Name{FilterOp::ne, "ne"},
    Name{FilterOp::le, "le"},  // before lt, as the nearest to lte
    Name{FilterOp::lt, "lt"},
    Name{FilterOp::ge, "ge"},
    Name{FilterOp::gt, "gt"},
    Name{FilterOp::in, "in"},
    Name{FilterOp::contains, "contains"},
    Name{FilterOp::starts_with, "starts_with"},
    Name{FilterOp::is_null, "is_null"},
};

constexpr std::size_t k_connectives = 4;  // `all` among them

constexpr auto conditions() {
  return std::span(k_names).subspan(k_connectives);
}

}  // namespace

std::string_view operator_name(FilterOp op) noexcept {
  const auto* found = std::ranges::find(k_names, op, &Name::op);
  return found == k_names.end() ? "?" : found->text;
}

std::optional<FilterOp> operator_of(std::string_view name) noexcept {
  const auto found = std::ranges::find(conditions(), name, &Name::text);
  if (found == conditions().end()) return std::nullopt;
  return found->op;
}

std::string_view nearest_operator(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Name& each : conditions()) names.push_back(each.text);
  return nearest(name, names);
}

}  // namespace loci::storage
