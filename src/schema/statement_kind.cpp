#include "schema/statement_kind.hpp"

#include <utility>

namespace loci::schema {

using LoneKind = LoneStatement::Kind;

namespace {

std::optional<LoneStatement> create_or_drop(StatementReader rest, bool create) {
  const bool index =
      create ? rest.accept("unique index") || rest.accept("index") : rest.accept("index");
  if (index) {
    if (!rest.accept("concurrently")) return std::nullopt;
    LoneStatement found{create ? LoneKind::create_index : LoneKind::drop_index};
    rest.accept(create ? "if not exists" : "if exists");
    if (!rest.ahead("on")) found.name = rest.name();
    if (create && rest.accept("on")) {
      rest.accept("only");
      found.table = rest.name();
    }
    return found;
  }
  LoneStatement found;
  if (rest.accept("database")) {
    found.kind = create ? LoneKind::create_database : LoneKind::drop_database;
  } else if (rest.accept("tablespace")) {
    found.kind = create ? LoneKind::create_tablespace : LoneKind::drop_tablespace;
  } else if (rest.accept("subscription")) {
    found.kind = create ? LoneKind::create_subscription : LoneKind::drop_subscription;
  } else {
    return std::nullopt;
  }
  rest.accept("if exists");
  found.name = rest.name();
  return found;
}

std::optional<LoneStatement> alter(StatementReader rest) {
  if (rest.accept("system")) return LoneStatement{};
  if (rest.accept("database") && rest.later("set tablespace")) return LoneStatement{};
  if (rest.accept("subscription") && rest.later("publication")) {
    const bool once = rest.later("add publication") || rest.later("drop publication");
    return LoneStatement{once ? LoneKind::add_publication : LoneKind::other};
  }
  if (!rest.accept("table")) return std::nullopt;
  rest.accept("if exists");
  rest.accept("only");
  LoneStatement found{LoneKind::detach_partition};
  found.table = rest.name();
  if (!rest.accept("detach partition")) return std::nullopt;
  found.name = rest.name();
  return rest.accept("concurrently") ? std::optional(found) : std::nullopt;
}

std::optional<LoneStatement> reindex(StatementReader rest) {
  bool concurrently = false;
  if (!rest.done() && rest.token().is_symbol("(")) {
    StatementReader options = rest;
    options.accept("(");
    concurrently = options.later("concurrently");
    rest.skip();
  }
  LoneStatement found{LoneKind::reindex_database};
  if (rest.accept("index")) {
    found.kind = LoneKind::reindex_index;
  } else if (rest.accept("table")) {
    found.kind = LoneKind::reindex_table;
  } else if (rest.accept("schema")) {
    found.kind = LoneKind::reindex_schema;
  } else if (!rest.accept("database") && !rest.accept("system")) {
    return std::nullopt;
  }
  concurrently = rest.accept("concurrently") || concurrently;
  const bool whole =
      found.kind == LoneKind::reindex_schema || found.kind == LoneKind::reindex_database;
  if (!concurrently && !whole) return std::nullopt;
  found.name = rest.name();
  return found;
}

/// COMMIT PREPARED 'name'
std::optional<LoneStatement> end_prepared(StatementReader rest) {
  LoneStatement found{LoneKind::end_prepared};
  if (!rest.done() && rest.token().text.starts_with('\'')) {
    std::string name;
    const std::string_view inside = rest.token().text.substr(1, rest.token().text.size() - 2);
    for (std::size_t i = 0; i < inside.size(); ++i) {
      name += inside[i];
      if (inside.substr(i).starts_with("''")) ++i;
    }
    found.name = SqlName{std::string(rest.token().text), std::move(name)};
  }
  return found;
}

bool names_role(std::string_view setting) {
  return setting == "role" || setting == "session_authorization";
}

/// What follows SET.
SessionWord set(StatementReader rest) {
  if (rest.accept("session authorization")) {
    return rest.ahead("default") ? SessionWord::none : SessionWord::role;
  }
  if (rest.accept("local") || rest.ahead("transaction") || rest.ahead("constraints")) {
    return SessionWord::none;
  }
  if (rest.accept("session")) return set(std::move(rest));
  const auto name = rest.name();
  if (!name || !names_role(name->last)) return SessionWord::setting;
  return rest.ahead("none") ? SessionWord::none : SessionWord::role;
}

/// What follows SELECT.
SessionWord select(StatementReader rest) {
  rest.accept("pg_catalog .");
  if (!rest.accept("set_config")) return SessionWord::none;
  StatementReader after = rest;
  after.skip();
  if (!rest.accept("(") || !after.done()) return SessionWord::none;
  const std::string_view literal = rest.done() ? "" : rest.token().text;
  const bool role = literal.size() > 2 && names_role(literal.substr(1, literal.size() - 2));
  return role ? SessionWord::role : SessionWord::setting;
}

/// It is called here, and not only in the body of a function that is made.
bool unlocks_all(StatementReader statement) {
  constexpr std::string_view name = "pg_advisory_unlock_all";
  const bool block = statement.ahead("do");
  for (; !statement.done(); statement.step()) {
    const SqlToken& token = statement.token();
    const bool word =
        token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted_word;
    if (word && folded(token) == name) return true;
    if (block && token.kind == SqlToken::Kind::string && token.text.contains(name)) return true;
  }
  return false;
}

}  // namespace

TransactionWord transaction_word(StatementReader statement) {
  if (statement.accept("begin") || statement.accept("start transaction")) {
    return TransactionWord::begin;
  }
  if (statement.later("prepared")) return TransactionWord::none;
  if (statement.accept("commit") || statement.accept("end")) return TransactionWord::commit;
  const bool back = statement.accept("rollback") || statement.accept("abort");
  return back && !statement.later("to") ? TransactionWord::rollback : TransactionWord::none;
}

SessionWord session_word(StatementReader statement) {
  if (statement.ahead("discard all") || unlocks_all(statement)) return SessionWord::lets_lock_go;
  if (statement.accept("set")) return set(std::move(statement));
  if (statement.accept("select")) return select(std::move(statement));
  const bool reset = statement.accept("reset") && !statement.ahead("role") &&
                     !statement.ahead("session authorization");
  return reset ? SessionWord::setting : SessionWord::none;
}

std::optional<LoneStatement> lone_statement(StatementReader statement) {
  if (statement.accept("create")) return create_or_drop(std::move(statement), true);
  if (statement.accept("drop")) return create_or_drop(std::move(statement), false);
  if (statement.accept("alter")) return alter(std::move(statement));
  if (statement.accept("reindex")) return reindex(std::move(statement));
  if (statement.accept("commit prepared") || statement.accept("rollback prepared")) {
    return end_prepared(std::move(statement));
  }
  const bool alone = statement.accept("vacuum") || statement.accept("discard all") ||
                     (statement.accept("cluster") &&
                      (statement.done() || (statement.accept("verbose") && statement.done())));
  return alone ? std::optional(LoneStatement{}) : std::nullopt;
}

}  // namespace loci::schema
