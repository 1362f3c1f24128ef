#pragma once
#include "schema/statement_reader.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loci::schema {

/// A finding before it has a place.
struct LintWarning {
  std::string_view rule;
  std::string message;
  std::string remedy;
};

/// What the statements before tell of the next. Names are the last parts, as the catalog holds
/// them.
struct LintContext {
  using Member = std::pair<std::string, std::string>;  // table, and a column or constraint of it

  std::set<std::string> created;         ///< Tables, and their indexes, that this file makes.
  std::set<Member> not_valid;            ///< Constraints that this file adds NOT VALID.
  std::map<Member, std::string> checks;  ///< CHECK (column IS NOT NULL), by constraint: the column.
  std::set<Member> proven;               ///< Columns of which such a CHECK is validated.

  /// A file ends: what it made has rows and readers now.
  void next_file() {
    created.clear();
    not_valid.clear();
  }
};

/// What one statement would do. It is put into the context.
[[nodiscard]] std::vector<LintWarning> lint_statement(StatementReader statement,
                                                      LintContext& context);

/// The same for what follows ALTER TABLE.
[[nodiscard]] std::vector<LintWarning> lint_alter_table(StatementReader statement,
                                                        LintContext& context);

}  // namespace loci::schema
