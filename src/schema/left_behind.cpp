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
// What REINDEX CONCURRENTLY builds beside the old index, or has not yet dropped: those of one index
// or table and of their partitions. Who else works there, holds a lock that the dropping waits for.
constexpr pg::Statement k_transient_of_index{
    .name = "FindTransientIndexesOfIndex",
    .sql =
        "select t.indexrelid::regclass::text from pg_index t"
        " join pg_class c on c.oid = t.indexrelid"
        " where not t.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'"
        "   and t.indrelid in (select i.indrelid from pg_index i"
        "     where i.indexrelid = to_regclass($1)"
        "        or i.indexrelid in (select relid from pg_partition_tree(to_regclass($1))))"};
constexpr pg::Statement k_transient_of_table{
    .name = "FindTransientIndexesOfTable",
    .sql =
        "select t.indexrelid::regclass::text from pg_index t"
        " join pg_class c on c.oid = t.indexrelid"
        " where not t.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'"
        "   and (t.indrelid = to_regclass($1)"
        "        or t.indrelid in (select relid from pg_partition_tree(to_regclass($1))))"};
// Of a whole schema, or of all when $1 is empty: none of a table where somebody is at work.
constexpr pg::Statement k_transient_of_schema{
    .name = "FindTransientIndexes",
    .sql =
        "select t.indexrelid::regclass::text from pg_index t"
        " join pg_class c on c.oid = t.indexrelid"
        " where not t.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'"
        "   and c.relnamespace <> 'pg_toast'::regnamespace"
        "   and ($1::text = '' or c.relnamespace = to_regnamespace($1))"
        "   and not exists (select from pg_locks l"
        "     where l.locktype = 'relation' and l.relation = t.indrelid"
        "       and l.database = (select oid from pg_database where datname = current_database())"
        "       and l.pid <> pg_backend_pid()"
        "       and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))"};
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
constexpr pg::Statement k_prepared{.name = "FindPreparedTransaction",
                                   .sql =
                                       "select exists (select from pg_prepared_xacts"
                                       " where gid = $1 and database = current_database())"};
constexpr pg::Statement k_partition{
    .name = "FindPartition",
    .sql =
        "select inhdetachpending from pg_inherits"
        " where inhparent = to_regclass($1) and inhrelid = to_regclass($2)"};

bool is_reindex(LoneKind kind) {
  return kind == LoneKind::reindex_index || kind == LoneKind::reindex_table ||
         kind == LoneKind::reindex_schema || kind == LoneKind::reindex_database;
}

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

asio::awaitable<bool> settle_reindex(pg::Lease& lease, const LoneStatement& reindex,
                                     Deadline deadline) {
  const bool index = reindex.kind == LoneKind::reindex_index;
  const bool table = reindex.kind == LoneKind::reindex_table;
  const bool schema = reindex.kind == LoneKind::reindex_schema;
  if ((index || table || schema) && !reindex.name) co_return false;
  const pg::Result found =
      co_await find(lease,
                    index   ? k_transient_of_index
                    : table ? k_transient_of_table
                            : k_transient_of_schema,
                    {index || table || schema ? reindex.name->text : ""}, deadline);
  for (std::size_t i = 0; i < found.rows(); ++i) {
    // Another session that was reindexing may have dropped or renamed it while this one waited.
    co_await lease.script("drop index concurrently if exists " + found.row(i).get<type::Text>(0),
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
  if (is_reindex(lone->kind)) co_return co_await settle_reindex(lease, *lone, deadline);
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
    case LoneKind::end_prepared:
      co_return !co_await exists(lease, k_prepared, lone->name->last, deadline);
    case LoneKind::reindex_index:
    case LoneKind::reindex_table:
    case LoneKind::reindex_schema:
    case LoneKind::reindex_database:
    case LoneKind::add_publication:
    case LoneKind::other:
      break;
  }
  co_return false;
}

asio::awaitable<bool> left_something(pg::Lease& lease, std::string_view statement,
                                     Deadline deadline) {
  const LexedSql lexed = lex_sql(statement);
  const auto lone = lone_statement(StatementReader(lexed.tokens));
  if (!lone) co_return false;
  if (is_reindex(lone->kind)) co_return true;
  if (lone->kind != LoneKind::create_index || !lone->name || !lone->table) co_return false;
  const pg::Result found =
      co_await find(lease, k_index, {lone->table->text, lone->name->last}, deadline);
  co_return found.rows() > 0 && !found.row(0).get<type::Bool>(0);
}

}  // namespace loci::schema
