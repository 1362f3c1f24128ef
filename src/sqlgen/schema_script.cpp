#include "sqlgen/schema_script.hpp"

#include "schema/sql_lexer.hpp"
#include "schema/statement_kind.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/quote.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace loci::sqlgen {
namespace {

using schema::TransactionWord;
using Statement = std::span<const schema::SqlToken>;

TransactionWord transaction_word(Statement statement) {
  return schema::transaction_word(schema::StatementReader(statement));
}

/// The extension of `create extension [if not exists] name`.
std::optional<std::string> created_extension(Statement tokens) {
  std::vector<schema::SqlToken> words;
  std::ranges::copy_if(tokens, std::back_inserter(words), &schema::SqlToken::significant);
  if (words.size() < 3 || !words[0].is_word("create") || !words[1].is_word("extension")) {
    return std::nullopt;
  }
  const std::size_t name = words[2].is_word("if") ? 5 : 2;
  if (words.size() <= name) return std::nullopt;
  std::string_view text = words[name].text;
  if (text.starts_with('"') && text.size() > 1) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

/// The role that the server lacks.
std::optional<std::string> missing_role(const Error& error) {
  const std::string_view message = error.server()->message;
  constexpr std::string_view before = "role \"";
  constexpr std::string_view after = "\" does not exist";
  if (error.sqlstate() != "42704" || !message.starts_with(before) || !message.ends_with(after)) {
    return std::nullopt;
  }
  return std::string(message.substr(before.size(), message.size() - before.size() - after.size()));
}

/// Cannot run inside a transaction block; a value of an enum used in the transaction that added it.
bool wants_no_transaction(const Error& error) {
  return error.sqlstate() == "25001" || error.sqlstate() == "55P04";
}

class SchemaFile {
public:
  SchemaFile(const SourceFile& file, const RunSql& run, Diagnostics& diagnostics)
      : file_(file),
        run_(run),
        diagnostics_(diagnostics),
        lexed_(schema::lex_sql(file.text)),
        statements_(schema::split_statements(std::span(lexed_.tokens))) {}

  bool apply() {
    forget_built_in_extensions();
    if (!has_transactions() && apply_whole()) return true;
    run_("begin");
    const bool done = std::ranges::all_of(
        statements_, [this](const Statement& statement) { return apply_one(statement); });
    run_(done ? "commit" : "rollback");
    return done;
  }

private:
  bool has_transactions() const {
    return std::ranges::any_of(statements_, [](const Statement& statement) {
      return transaction_word(statement) != TransactionWord::none;
    });
  }

  /// A private server's databases have some from the beginning; a schema may create them itself.
  void forget_built_in_extensions() {
    for (const Statement& statement : statements_) {
      const auto extension = created_extension(statement);
      if (extension == "vector" || extension == "pg_stat_statements") {
        try {
          run_("drop extension if exists " + *extension + " restrict");
        } catch (const Error& error) {
          if (error.kind() != ErrorKind::server) throw;  // in use: the schema created it before
        }
      }
    }
  }

  /// In one round trip. False when the server refused it, and nothing of it stays.
  bool apply_whole() {
    try {
      run_("begin");
      run_(file_.text);
      run_("commit");
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
    }
    run_("rollback");
    return false;
  }

  std::string text_of(Statement statement) const {
    const std::size_t begin = statement.front().begin;
    return file_.text.substr(begin, statement.back().end() - begin);
  }

  bool apply_one(Statement statement) {
    const TransactionWord word = transaction_word(statement);
    if (word == TransactionWord::begin) return true;
    const std::string sql = text_of(statement);
    if (word != TransactionWord::none) {
      run_(sql);
      run_("begin");
      return true;
    }
    std::set<std::string> made_roles;
    bool alone = false;
    for (;;) {
      run_(alone ? "commit" : "savepoint loci_sqlgen");
      const std::optional<Error> refusal = try_to_run(sql);
      if (alone) {
        run_("begin; savepoint loci_sqlgen");
      } else if (refusal) {
        run_("rollback to savepoint loci_sqlgen");
      }
      if (!refusal) {
        run_("release savepoint loci_sqlgen");
        return true;
      }
      const auto role = missing_role(*refusal);
      if (role && made_roles.insert(*role).second) {
        if (!try_to_run("create role " + pg::quote_identifier(*role))) continue;
        run_("rollback to savepoint loci_sqlgen");
      } else if (wants_no_transaction(*refusal) && !alone) {
        alone = true;
        continue;
      }
      report(*refusal, statement, sql);
      return false;
    }
  }

  std::optional<Error> try_to_run(const std::string& sql) {
    try {
      run_(sql);
      return std::nullopt;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
      return error;
    }
  }

  void report(const Error& error, Statement statement, const std::string& sql) {
    std::string message = error.server()->message;
    if (created_extension(statement) && message.ends_with("is not available")) {
      message +=
          " on the private server that checks the queries; install its package for PostgreSQL 17";
    } else if (!error.server()->hint.empty()) {
      message += "; hint: " + error.server()->hint;
    }
    const std::size_t place =
        statement.front().begin + schema::offset_of_character(sql, error.server()->position);
    diagnostics_.add(file_, place, std::move(message), error.sqlstate());
  }

  const SourceFile& file_;
  const RunSql& run_;
  Diagnostics& diagnostics_;
  schema::LexedSql lexed_;
  std::vector<Statement> statements_;
};

}  // namespace

bool apply_schema(std::span<const SourceFile> files, const RunSql& run, Diagnostics& diagnostics) {
  for (const SourceFile& file : files) {
    if (!SchemaFile(file, run, diagnostics).apply()) return false;
    run("reset session authorization; reset role; reset all");
  }
  return true;
}

}  // namespace loci::sqlgen
