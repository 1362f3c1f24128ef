#include <loci/schema/lint.hpp>

#include "schema/lint_statement.hpp"
#include "schema/migration_units.hpp"
#include "schema/sql_lexer.hpp"

#include <algorithm>
#include <array>

namespace loci::schema {
namespace {

constexpr std::array<LintRule, 14> k_rules = {{
    {"allow-comment", "`-- loci: allow` without a reason, or of a rule that is none"},
    {"constraint-scan", "a CHECK that reads the whole table under a strong lock"},
    {"drop-column", "a column's values are lost, and old programs fail"},
    {"drop-table", "a table's rows are lost: DROP TABLE, TRUNCATE"},
    {"foreign-key", "a foreign key without NOT VALID"},
    {"index-lock", "CREATE INDEX, DROP INDEX, REINDEX without CONCURRENTLY"},
    {"long-lock", "CLUSTER, VACUUM FULL, LOCK, REFRESH, DETACH while readers wait"},
    {"not-null", "NOT NULL without a default, or without a CHECK that proves it"},
    {"refused", "a file that would not run: an open quote, BEGIN without COMMIT"},
    {"rename", "a table or column that old programs still know by its old name"},
    {"table-rewrite", "a new type, SERIAL, a stored column: every row is written anew"},
    {"unique-constraint", "UNIQUE or PRIMARY KEY that builds its index under a lock"},
    {"unnamed-index", "CREATE INDEX CONCURRENTLY without a name"},
    {"volatile-default", "a new column whose default differs from row to row"},
}};

struct Allowance {
  std::string_view rule;
  std::string_view reason;
  std::size_t begin;
};

std::string_view without_spaces_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// `-- loci: allow RULE reason`
std::optional<Allowance> allowance_of(const SqlToken& token) {
  std::string_view text = token.text;
  for (const std::string_view word : {"--", "loci:", "allow"}) {
    if (!text.starts_with(word)) return std::nullopt;
    text = without_spaces_before(text.substr(word.size()));
  }
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  return Allowance{text.substr(0, end), without_spaces_before(text.substr(end)), token.begin};
}

class File {
public:
  File(const Migration& migration, LintContext& context)
      : migration_(migration),
        context_(context),
        lexed_(lex_sql(migration.up)),
        statements_(split_statements(std::span(lexed_.tokens))) {}

  std::vector<LintFinding> run() {
    collect_allowances();
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      for (LintWarning& warning : lint_statement(StatementReader(statements_[i]), context_)) {
        if (!allowed(i, warning.rule)) add(statements_[i].front().begin, std::move(warning));
      }
    }
    if (statements_.empty() || !found_unnamed_index()) find_refusals();
    context_.next_file();
    std::ranges::stable_sort(found_, {}, &LintFinding::line);
    return std::move(found_);
  }

private:
  void collect_allowances() {
    allowances_.resize(statements_.size());
    std::size_t next = 0;  // the statement that the comment is in or before
    for (const SqlToken& token : lexed_.tokens) {
      if (token.kind != SqlToken::Kind::comment) continue;
      const auto allowance = allowance_of(token);
      if (!allowance) continue;
      check(*allowance);
      while (next < statements_.size() && statements_[next].back().end() <= token.begin) ++next;
      const std::size_t owner = behind_on_the_line(next, token.begin) ? next - 1 : next;
      if (owner < statements_.size()) allowances_[owner].push_back(*allowance);
    }
  }

  // The migrator refuses it, too, and the rule says it better.
  bool found_unnamed_index() const {
    return std::ranges::contains(found_, "unnamed-index", &LintFinding::rule);
  }

  // What no comment allows.
  void find_refusals() {
    constexpr const char* remedy = "`loci migrate up` would stop here: mend it first";
    if (lexed_.fault) {
      add(lexed_.fault->offset, {"refused", lexed_.fault->message, remedy});
    } else if (auto refusal = find_refusal(migration_.up)) {
      add(refusal->offset, {"refused", std::move(refusal->why), remedy});
    }
    const LexedSql down = lex_sql(migration_.down);
    auto refusal = find_refusal(migration_.down);
    if (down.fault) refusal = UnitRefusal{down.fault->offset, down.fault->message};
    if (!refusal) return;
    const TextPosition at = position_at(migration_.down, refusal->offset);
    found_.push_back({.rule = "refused",
                      .file = migration_.file,
                      .line = at.line,
                      .column = at.column,
                      .message = "in the way back: " + refusal->why,
                      .remedy = "`loci migrate down` would stop here: mend it first"});
  }

  bool behind_on_the_line(std::size_t next, std::size_t comment) const {
    if (next == 0) return false;
    const std::size_t end = statements_[next - 1].back().end();
    return !std::string_view(migration_.up).substr(end, comment - end).contains('\n');
  }

  void check(const Allowance& allowance) {
    if (!std::ranges::contains(k_rules, allowance.rule, &LintRule::name)) {
      add(allowance.begin,
          {"allow-comment", "there is no rule \"" + std::string(allowance.rule) + "\"",
           "Write -- loci: allow RULE reason, with one of the rules that `loci "
           "migrate lint --help` lists"});
    } else if (allowance.reason.empty()) {
      add(allowance.begin,
          {"allow-comment", "nothing says why " + std::string(allowance.rule) + " is allowed",
           "Write the reason behind the rule: whoever reads it next will ask"});
    }
  }

  bool allowed(std::size_t statement, std::string_view rule) const {
    return std::ranges::contains(allowances_[statement], rule, &Allowance::rule);
  }

  void add(std::size_t place, LintWarning warning) {
    const TextPosition at = position_at(migration_.up, place);
    found_.push_back({.rule = std::string(warning.rule),
                      .file = migration_.file,
                      .line = at.line,
                      .column = at.column,
                      .message = std::move(warning.message),
                      .remedy = std::move(warning.remedy)});
  }

  const Migration& migration_;
  LintContext& context_;
  LexedSql lexed_;
  std::vector<std::span<const SqlToken>> statements_;
  std::vector<std::vector<Allowance>> allowances_;  // of each statement
  std::vector<LintFinding> found_;
};

}  // namespace

std::span<const LintRule> lint_rules() noexcept {
  return k_rules;
}

std::vector<LintFinding> lint(std::span<const Migration> migrations, std::int64_t from) {
  std::vector<LintFinding> all;
  LintContext context;
  for (const Migration& migration : migrations) {
    std::vector<LintFinding> found = File(migration, context).run();
    if (migration.version < from && !migration.repeatable()) continue;
    std::ranges::move(found, std::back_inserter(all));
  }
  return all;
}

}  // namespace loci::schema
