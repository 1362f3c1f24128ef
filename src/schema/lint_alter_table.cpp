#include "schema/lint_statement.hpp"

#include <algorithm>
#include <array>

namespace loci::schema {
namespace {

/// Give one value for the whole statement, or always the same: the server stores it once instead of
/// writing every row.
constexpr std::array<std::string_view, 24> stable_functions = {"now",
                                                               "transaction_timestamp",
                                                               "statement_timestamp",
                                                               "current_setting",
                                                               "cast",
                                                               "coalesce",
                                                               "nullif",
                                                               "greatest",
                                                               "least",
                                                               "lower",
                                                               "upper",
                                                               "row",
                                                               "make_interval",
                                                               "make_date",
                                                               "make_timestamptz",
                                                               "to_timestamp",
                                                               "date_trunc",
                                                               "to_jsonb",
                                                               "jsonb_build_object",
                                                               "jsonb_build_array",
                                                               "concat",
                                                               "length",
                                                               "abs",
                                                               "pg_catalog"};
constexpr std::array<std::string_view, 6> serial_types = {"serial",  "bigserial", "smallserial",
                                                          "serial4", "serial8",   "serial2"};
/// What may follow a column's default.
constexpr std::array<std::string_view, 8> constraint_words = {
    "not", "null", "check", "references", "constraint", "unique", "primary", "generated"};

bool among(const SqlToken& token, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is_word(word); });
}

/// Goes past a default, and gives the first function in it that may be volatile.
std::optional<std::string> volatile_call(StatementReader& reader) {
  std::optional<std::string> found;
  int depth = 0;
  bool cast = false;  // a type's modifier is no argument list: numeric(10, 2)
  bool first = true;
  while (!reader.done()) {
    const SqlToken& token = reader.token();
    if (depth == 0 && !first && among(token, constraint_words)) break;
    first = false;
    if (token.is_symbol("(")) ++depth;
    if (token.is_symbol(")")) --depth;
    const bool word =
        token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted_word;
    reader.step();
    if (word && !cast && reader.ahead("(") && !among(token, stable_functions) && !found) {
      found = folded(token);
    }
    cast = token.is_symbol("::") || (cast && word);  // double precision
  }
  return found;
}

class AlterTable {
public:
  AlterTable(StatementReader reader, LintContext& context)
      : reader_(std::move(reader)), context_(context) {}

  std::vector<LintWarning> run() {
    reader_.accept("if exists");
    reader_.accept("only");
    const auto table = reader_.name();
    if (!table) return {};
    table_ = *table;
    while (!reader_.done()) action(reader_.up_to_comma());
    if (context_.created.contains(table_.last)) return {};
    return std::move(found_);
  }

private:
  using Member = LintContext::Member;

  void warn(std::string_view rule, const std::string& message, const std::string& remedy) {
    found_.push_back({rule, message, remedy});
  }

  void action(StatementReader rest) {
    if (rest.accept("add")) return add(std::move(rest));
    if (rest.accept("alter")) return alter_column(std::move(rest));
    if (rest.accept("drop")) return drop(std::move(rest));
    if (rest.accept("rename")) return rename(std::move(rest));
    if (rest.accept("validate constraint")) return validate(std::move(rest));
    if (rest.accept("detach partition")) {
      if (rest.later("concurrently") || rest.later("finalize")) return;
      warn(
          "long-lock",
          "detaching waits for everybody who uses " + table_.text + ", and they queue up behind it",
          "Use detach partition ... concurrently, in a migration of its own");
    }
    if (rest.ahead("set logged") || rest.ahead("set unlogged") || rest.ahead("set access method") ||
        rest.ahead("set tablespace")) {
      warn("table-rewrite", "all of " + table_.text + " is copied while nobody can use it",
           "Make a new table beside it and move the rows in batches, or choose a quiet hour");
    }
  }

  void add(StatementReader rest) {
    std::string constraint;
    if (rest.accept("constraint")) {
      if (const auto name = rest.name()) constraint = name->last;
    }
    if (rest.accept("foreign key")) return add_foreign_key(rest, constraint);
    if (rest.accept("check")) return add_check(rest, constraint);
    if (rest.ahead("unique") || rest.ahead("primary key") || rest.ahead("exclude")) {
      if (!rest.later("using index")) unique();
      return;
    }
    if (constraint.empty()) add_column(std::move(rest));
  }

  void unique() {
    warn("unique-constraint", "its index is built while nobody can write to " + table_.text,
         "First create unique index concurrently, in a migration of its own; then add constraint "
         "... using index");
  }
  void scan(const std::string& what) {
    warn("constraint-scan", what + " reads all of " + table_.text + " while nobody can write to it",
         "Add the constraint as not valid, and validate constraint in a later migration");
  }

  void add_foreign_key(const StatementReader& rest, const std::string& constraint) {
    if (rest.later("not valid")) {
      context_.not_valid.emplace(table_.last, constraint);
      return;
    }
    warn("foreign-key",
         "checking the foreign key reads all of " + table_.text +
             " while nobody can write to it or to the table it points to",
         "Add it as not valid, and validate constraint in a later migration");
  }

  /// Remembers CHECK (column IS NOT NULL).
  void add_check(StatementReader rest, const std::string& constraint) {
    const bool not_valid = rest.later("not valid");
    StatementReader condition = rest;
    std::optional<SqlName> column;
    if (condition.accept("(")) column = condition.name();
    const bool not_null = column && condition.accept("is not null )");
    if (not_null) context_.checks[{table_.last, constraint}] = column->last;
    if (not_valid) {
      context_.not_valid.emplace(table_.last, constraint);
      return;
    }
    if (not_null) context_.proven.emplace(table_.last, column->last);
    scan("checking the constraint");
  }

  void validate(StatementReader rest) {
    const auto constraint = rest.name();
    if (!constraint) return;
    const Member member(table_.last, constraint->last);
    if (const auto check = context_.checks.find(member); check != context_.checks.end()) {
      context_.proven.emplace(table_.last, check->second);
    }
    if (!context_.not_valid.contains(member)) return;
    warn("constraint-scan",
         "the constraint is validated under the lock that this file took to add it on " +
             table_.text,
         "Validate it in a later migration: by itself that stops nobody");
  }

  void add_column(StatementReader rest) {
    rest.accept("column");
    rest.accept("if not exists");
    const auto column = rest.name();
    if (!column || rest.done()) return;
    bool filled = among(rest.token(), serial_types);
    if (filled) numbered(*column);
    bool not_null = false;
    while (!rest.done()) {
      if (rest.accept("not null")) {
        not_null = true;
      } else if (rest.accept("default")) {
        filled = true;
        if (const auto function = volatile_call(rest)) volatile_default(*column, *function);
      } else if (rest.accept("generated")) {
        filled = true;
        if (rest.later("identity") || rest.later("stored")) numbered(*column);
      } else if (rest.accept("primary key") || rest.accept("unique")) {
        unique();
      } else if (rest.accept("references")) {
        add_foreign_key(rest, {});
      } else if (rest.accept("check")) {
        scan("checking the column");
      } else {
        rest.skip();
      }
    }
    if (not_null && !filled) {
      warn("not-null",
           "the new column " + column->text + " is NOT NULL and has no default: it fails where " +
               table_.text + " has a row",
           "Give it a constant default, or add it without NOT NULL, fill it in batches, and set "
           "NOT NULL later");
    }
  }

  void numbered(const SqlName& column) {
    warn("table-rewrite", "every row of " + table_.text + " is written anew to hold " + column.text,
         "Add a plain column, fill it in batches, and attach the sequence or trigger last");
  }
  void volatile_default(const SqlName& column, const std::string& function) {
    warn("volatile-default",
         "the default of " + column.text + " calls " + function + "(), which may give each row " +
             "another value: every row of " + table_.text + " is written anew",
         "Add the column without a default, set the default in a second statement, and fill the "
         "old rows in batches");
  }

  void alter_column(StatementReader rest) {
    if (rest.ahead("constraint")) return;
    rest.accept("column");
    const auto column = rest.name();
    if (!column) return;
    if (rest.ahead("type") || rest.ahead("set data type")) {
      warn("table-rewrite",
           "changing the type of " + column->text + " writes all of " + table_.text +
               " and its indexes anew while nobody can use it, unless the types are stored alike",
           "Add a column of the new type, fill it in batches, and switch; allow it where only a "
           "varchar grows or becomes text");
    } else if (rest.ahead("set not null") &&
               !context_.proven.contains({table_.last, column->last})) {
      warn("not-null",
           "SET NOT NULL on " + column->text + " reads all of " + table_.text +
               " while nobody can use it",
           "First add constraint ... check (" + column->text +
               " is not null) not valid, and validate it in a later migration: then nothing is "
               "read here");
    }
  }

  void drop(StatementReader rest) {
    if (rest.accept("constraint")) return;
    rest.accept("column");
    rest.accept("if exists");
    const auto column = rest.name();
    if (!column) return;
    warn("drop-column",
         "the values of " + column->text + " are lost, and programs that still read " +
             table_.text + "." + column->text + " fail",
         "First let a release out that no longer uses the column; then allow this");
  }

  void rename(StatementReader rest) {
    if (rest.accept("constraint")) return;
    const bool whole = rest.accept("to");
    if (!whole) rest.accept("column");
    const auto name = rest.name();
    if (!name) return;
    const std::string what = whole ? table_.text : table_.text + "." + name->text;
    warn("rename", "programs that still say " + what + " fail at once",
         whole ? "Leave a view of the old name until every program knows the new one"
               : "Add the new column, write both, and drop the old one when nobody reads it");
  }

  StatementReader reader_;
  LintContext& context_;
  SqlName table_;
  std::vector<LintWarning> found_;
};

}  // namespace

std::vector<LintWarning> lint_alter_table(StatementReader statement, LintContext& context) {
  return AlterTable(std::move(statement), context).run();
}

}  // namespace loci::schema
