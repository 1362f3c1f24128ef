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
  if (rest.accept("subscription") && rest.later("publication")) return LoneStatement{};
  if (!rest.accept("table")) return std::nullopt;
  rest.accept("if exists");
  rest.accept("only");
  LoneStatement found{LoneKind::detach_partition};
  found.table = rest.name();
  if (!rest.accept("detach partition")) return std::nullopt;
  found.name = rest.name();
  return rest.accept("concurrently") ? std::optional(found) : std::nullopt;
}

bool reindexes_alone(StatementReader rest) {
  if (rest.done()) return false;
  if (rest.token().is_symbol("(")) {
    StatementReader options = rest;
    options.accept("(");
    if (options.later("concurrently")) return true;
    rest.skip();
  }
  return rest.accept("schema") || rest.accept("database") || rest.accept("system") ||
         rest.later("concurrently");
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

std::optional<LoneStatement> lone_statement(StatementReader statement) {
  if (statement.accept("create")) return create_or_drop(std::move(statement), true);
  if (statement.accept("drop")) return create_or_drop(std::move(statement), false);
  if (statement.accept("alter")) return alter(std::move(statement));
  if (statement.accept("reindex")) {
    if (!reindexes_alone(std::move(statement))) return std::nullopt;
    return LoneStatement{LoneKind::reindex};
  }
  const bool alone = statement.accept("vacuum") || statement.accept("commit prepared") ||
                     statement.accept("rollback prepared") || statement.accept("discard all") ||
                     (statement.accept("cluster") &&
                      (statement.done() || (statement.accept("verbose") && statement.done())));
  return alone ? std::optional(LoneStatement{}) : std::nullopt;
}

}  // namespace loci::schema
