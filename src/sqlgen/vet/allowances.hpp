#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// What a query's comments allow it: a line `loci-sqlgen: allow RULE reason` around its `-- name:`
/// line silences one rule for this query. sqlc's `@sqlc-vet-disable [RULE...]` silences those
/// rules, or all of them.
struct Allowances {
  std::map<std::string, std::string, std::less<>> reasons;  ///< By rule.
  std::vector<std::string> faults;  ///< Lines that say it wrongly, and how to say it.
  bool all = false;

  [[nodiscard]] bool allow(std::string_view rule) const { return all || reasons.contains(rule); }
};

/// `known_rules`: allowing anything else is a fault, and so is a missing reason; not in sqlc's
/// line, which names rules of sqlc's, too, and gives no reasons.
[[nodiscard]] Allowances read_allowances(const std::vector<std::string>& comment_lines,
                                         const std::vector<std::string>& known_rules);

}  // namespace loci::sqlgen
