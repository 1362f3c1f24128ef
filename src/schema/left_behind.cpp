#include "schema/left_behind.hpp"

#include "schema/ask.hpp"
#include "schema/statement_kind.hpp"

#include <string>
#include <vector>

namespace loci::schema {

namespace asio = boost::asio;
namespace type = pg::type;
using LoneKind = LoneStatement::Kind;

namespace {

// Of the table, by the index's own name: it stands in the table's schema.
constexpr pg::Statement k_index{
    .name = "FindIndexLeftBehind",
    .sql =
        "select i.indisvalid, i.indexrelid::regclass::text from pg_index i"
        " join pg_class c on c.oid = i.indexrelid"
        " where i.indrelid = to_regclass($1) and c.relname = $2"};
// What REINDEX CONCURRENTLY builds beside the old index, or has not yet dropped; none that another
// session is building now.
constexpr pg::Statement k_transient{
    .name = "FindTransientIndexes",
    .sql =
        "select i.indexrelid::regclass::text from pg_index i"
        " join pg_class c on c.oid = i.indexrelid"
        " where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'"
        "   and c.relnamespace <> 'pg_toast'::regnamespace"
        "   and not exists (select from pg_stat_progress_create_index"
        "                    where index_relid = i.indexrelid)"};
constexpr pg::Statement k_relation{.name = "FindRelation",
                                   .sql = "select to_regclass($1) is not null"};
constexpr pg::Statement k_database{
    .name = "FindDatabase", .sql = "select exists (select from pg_database where datname = $1)"};
constexpr pg::Statement k_tablespace{
    .name = "FindTablespace",
    .sql = "select exists (select from pg_tablespace where spcname = $1)"};
constexpr pg::Statement k_subscription{
    .name = "FindSubscription",
    .sql = "select exists (select from pg_subscription where subname = $1)"};
constexpr pg::Statement k_partition{
    .name = "FindPartition",
    .sql =
        "select inhdetachpending from pg_inherits"
        " where inhparent = to_regclass($1) and inhrelid = to_regclass($2)"};

asio::awaitable<pg::Result> find(pg::Lease& lease, pg::Statement statement,
                                 std::vector<std::string> names, Deadline deadline) {
  pg::Request request{statement, {}};
  for (const std::string& name : names) request.params.add<type::Text>(name);
  co_return co_await ask(lease, std::move(request), deadline);
}

asio::awaitable<bool> exists(pg::Lease& lease, pg::Statement statement, std::string name,
                             Deadline deadline) {
  const pg::Result result = co_await find(lease, statement, {std::move(name)}, deadline);
  co_return result.row(0).get<type::Bool>(0);
}

asio::awaitable<bool> settle_index(pg::Lease& lease, const LoneStatement& create,
                                   Deadline deadline) {
  const pg::Result found =
      co_await find(lease, k_index, {create.table->text, create.name->last}, deadline);
  if (found.rows() == 0) co_return false;
  if (found.row(0).get<type::Bool>(0)) co_return true;
  co_await lease.script("drop index concurrently " + found.row(0).get<type::Text>(1),
                        "drop the invalid index", deadline);
  co_return false;
}

asio::awaitable<bool> settle_reindex(pg::Lease& lease, Deadline deadline) {
  const pg::Result found = co_await find(lease, k_transient, {}, deadline);
  for (std::size_t i = 0; i < found.rows(); ++i) {
    co_await lease.script("drop index concurrently " + found.row(i).get<type::Text>(0),
                          "drop the invalid index", deadline);
  }
  co_return false;
}

asio::awaitable<bool> settle_partition(pg::Lease& lease, const LoneStatement& detach,
                                       Deadline deadline) {
  const pg::Result found =
      co_await find(lease, k_partition, {detach.table->text, detach.name->text}, deadline);
  if (found.rows() == 0) co_return true;
  if (!found.row(0).get<type::Bool>(0)) co_return false;
  co_await lease.script(
      "alter table " + detach.table->text + " detach partition " + detach.name->text + " finalize",
      "finish the detaching", deadline);
  co_return true;
}

}  // namespace

asio::awaitable<bool> settle_left_behind(pg::Lease& lease, std::string_view statement,
                                         Deadline deadline) {
  const LexedSql lexed = lex_sql(statement);
  const auto lone = lone_statement(StatementReader(lexed.tokens));
  if (!lone) co_return false;
  if (lone->kind == LoneKind::reindex) co_return co_await settle_reindex(lease, deadline);
  if (!lone->name) co_return false;
  switch (lone->kind) {
    case LoneKind::create_index:
      if (!lone->table) co_return false;
      co_return co_await settle_index(lease, *lone, deadline);
    case LoneKind::drop_index:
      co_return !co_await exists(lease, k_relation, lone->name->text, deadline);
    case LoneKind::create_database:
      co_return co_await exists(lease, k_database, lone->name->last, deadline);
    case LoneKind::drop_database:
      co_return !co_await exists(lease, k_database, lone->name->last, deadline);
    case LoneKind::create_tablespace:
      co_return co_await exists(lease, k_tablespace, lone->name->last, deadline);
    case LoneKind::drop_tablespace:
      co_return !co_await exists(lease, k_tablespace, lone->name->last, deadline);
    case LoneKind::create_subscription:
      co_return co_await exists(lease, k_subscription, lone->name->last, deadline);
    case LoneKind::drop_subscription:
      co_return !co_await exists(lease, k_subscription, lone->name->last, deadline);
    case LoneKind::detach_partition:
      if (!lone->table) co_return false;
      co_return co_await settle_partition(lease, *lone, deadline);
    case LoneKind::reindex:
    case LoneKind::other:
      break;
  }
  co_return false;
}

}  // namespace loci::schema
