#include "schema/migration_units.hpp"

#include "schema/checksum.hpp"
#include "schema/migration_text.hpp"
#include "schema/sql_lexer.hpp"
#include "schema/statement_kind.hpp"

#include <loci/base/error.hpp>

#include <algorithm>

namespace loci::schema {
namespace {

using Statement = std::span<const SqlToken>;

/// The text of a string literal as it is written, without its quotes.
std::string_view inside_quotes(std::string_view literal) {
  const std::size_t begin = literal.find('\'') + 1;
  return literal.substr(begin, literal.size() - begin - 1);
}

/// The value that ALTER TYPE ... ADD VALUE adds.
std::optional<std::string_view> added_value(StatementReader statement) {
  if (!statement.accept("alter type") || !statement.name()) return std::nullopt;
  if (!statement.accept("add value")) return std::nullopt;
  statement.accept("if not exists");
  if (statement.done() || !statement.token().text.ends_with('\'')) return std::nullopt;
  return inside_quotes(statement.token().text);
}

/// A value cannot be used in the transaction that adds it.
bool uses_value_it_adds(std::span<const Statement> statements) {
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto value = added_value(StatementReader(statements[i]));
    if (!value) continue;
    const auto names_it = [&](const SqlToken& token) {
      return token.kind == SqlToken::Kind::string && token.text.contains(*value);
    };
    for (const Statement& later : statements.subspan(i + 1)) {
      if (!added_value(StatementReader(later)) && std::ranges::any_of(later, names_it)) return true;
    }
  }
  return false;
}

class Cutter {
public:
  explicit Cutter(std::string_view text)
      : text_(text),
        lexed_(lex_sql(text)),
        statements_(split_statements(std::span(lexed_.tokens))) {}

  std::vector<MigrationUnit> run() {
    if (lexed_.fault) return {{.sql = text_, .begin = 0, .statements = 1}};
    group();
    if (begin_) refuse(*begin_, "BEGIN without COMMIT");
    const bool apart = asks_no_transaction(text_) || uses_value_it_adds(statements_) ||
                       !std::ranges::all_of(units_, &MigrationUnit::transaction) || has_groups_;
    if (apart && units_.size() > 1 && role_) {
      refuse(*role_,
             "this role would not be that of the statements behind it, for each runs in a "
             "transaction of its own: put them between BEGIN and COMMIT with SET LOCAL ROLE, or "
             "into a file that runs in one transaction");
    }
    if (apart || units_.empty()) return std::move(units_);
    // From the very beginning, so that the server's positions are the text's.
    const MigrationUnit& last = units_.back();
    return {{.sql = text_.substr(0, last.begin + last.sql.size()),
             .begin = 0,
             .statements = count_statements(units_)}};
  }

private:
  void group() {
    for (const Statement& statement : statements_) {
      switch (transaction_word(StatementReader(statement))) {
        case TransactionWord::begin:
          if (begin_) refuse(statement, "BEGIN in a transaction");
          begin_ = statement;
          held_ = units_.size();
          break;
        case TransactionWord::commit:
          if (!begin_) refuse(statement, "COMMIT without BEGIN");
          close_group();
          break;
        case TransactionWord::rollback:
          refuse(statement, "ROLLBACK");
        case TransactionWord::none:
          add(statement);
      }
    }
  }

  void add(const Statement& statement) {
    const SessionWord word = session_word(StatementReader(statement));
    if (word == SessionWord::lets_lock_go) {
      refuse(statement,
             "this lets go the lock that keeps other migrators out: RESET ALL, DEALLOCATE ALL or "
             "pg_advisory_unlock(key) do without");
    }
    if (word == SessionWord::role && !role_) role_ = statement;
    const auto lone = lone_statement(StatementReader(statement));
    if (lone && begin_) refuse(statement, "this cannot run between BEGIN and COMMIT");
    if (lone && lone->kind == LoneStatement::Kind::create_index && !lone->name) {
      refuse(statement,
             "CREATE INDEX CONCURRENTLY without a name cannot be found again after a crash: name "
             "the index");
    }
    if (lone && lone->kind == LoneStatement::Kind::add_publication) {
      refuse(
          statement,
          "this fails when it runs a second time, as it may after a crash: write SET PUBLICATION "
          "with all of them");
    }
    const std::size_t begin = statement.front().begin;
    units_.push_back({.sql = text_.substr(begin, statement.back().end() - begin),
                      .begin = begin,
                      .statements = 1,
                      .transaction = !lone});
  }

  void close_group() {
    begin_.reset();
    has_groups_ = true;
    if (units_.size() <= held_) return;
    MigrationUnit& first = units_[held_];
    const MigrationUnit last = units_.back();
    first.statements = static_cast<int>(units_.size() - held_);
    first.sql = text_.substr(first.begin, last.begin + last.sql.size() - first.begin);
    units_.resize(held_ + 1);
  }

  [[noreturn]] static void refuse(const Statement& statement, std::string why) {
    throw UnitRefusal{statement.front().begin, std::move(why)};
  }

  std::string_view text_;
  LexedSql lexed_;
  std::vector<Statement> statements_;
  std::vector<MigrationUnit> units_;
  std::optional<Statement> begin_;  // of the transaction being read
  std::optional<Statement> role_;   // the first that sets one
  std::size_t held_ = 0;            // its first unit
  bool has_groups_ = false;
};

}  // namespace

std::vector<MigrationUnit> migration_units(std::string_view text) {
  try {
    return Cutter(text).run();
  } catch (const UnitRefusal& refused) {
    throw Error(
        ErrorKind::configuration,
        "line " + std::to_string(position_at(text, refused.offset).line) + ": " + refused.why);
  }
}

std::optional<UnitRefusal> find_refusal(std::string_view text) {
  try {
    (void)Cutter(text).run();
  } catch (const UnitRefusal& refused) {
    return refused;
  }
  return std::nullopt;
}

std::vector<std::string_view> session_settings(const MigrationUnit& unit) {
  std::vector<std::string_view> settings;
  const LexedSql lexed = lex_sql(unit.sql);
  for (const Statement& statement : split_statements(std::span(lexed.tokens))) {
    if (session_word(StatementReader(statement)) != SessionWord::setting) continue;
    const std::size_t begin = statement.front().begin;
    settings.push_back(unit.sql.substr(begin, statement.back().end() - begin));
  }
  return settings;
}

int count_statements(std::span<const MigrationUnit> units) {
  int count = 0;
  for (const MigrationUnit& unit : units) count += unit.statements;
  return count;
}

std::string checksum_of(std::span<const MigrationUnit> units) {
  std::string all;
  for (const MigrationUnit& unit : units) all.append(unit.sql).append(";\n");
  return checksum(all);
}

}  // namespace loci::schema
