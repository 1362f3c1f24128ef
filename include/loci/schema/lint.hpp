#pragma once
#include <loci/schema/migration.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::schema {

struct LintRule {
  std::string_view name;   ///< As `-- loci: allow NAME reason` says it.
  std::string_view warns;  ///< What it warns of, in one line.
};

/// All there are, by name.
[[nodiscard]] std::span<const LintRule> lint_rules() noexcept;

/// A statement that a busy database would feel, or that loses data.
struct LintFinding {
  std::string rule;
  std::string file;
  int line = 0;    ///< Of the statement, from 1.
  int column = 0;  ///< In characters, from 1.
  std::string message;
  std::string remedy;
};

/// Reads the ways up, in order, and warns of what they would do to tables with rows and readers,
/// and of either way that the migrator would refuse. A table that a file itself creates has
/// neither. Nothing runs, no database is needed: it goes by the words of the statements. Findings
/// of versions below `from` are left out; what those did (a CHECK that makes a later SET NOT NULL
/// cheap) counts.
///
/// `-- loci: allow RULE reason` before a statement, or behind it on its last line, silences one
/// rule for it; without a reason, or with an unknown rule, it is a finding itself.
[[nodiscard]] std::vector<LintFinding> lint(std::span<const Migration> migrations,
                                            std::int64_t from = 0);

}  // namespace loci::schema
