#include "schema/version_table.hpp"

#include "schema/ask.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/quote.hpp>

#include <algorithm>
#include <array>
#include <ranges>

namespace loci::schema {

namespace asio = boost::asio;
namespace type = pg::type;

namespace {

constexpr std::array<std::string_view, 5> k_first = {"version", "name", "checksum", "applied_at",
                                                     "duration"};
constexpr std::array<std::string_view, 3> k_counting = {"statements_done", "statements_total",
                                                        "statements_undone"};
constexpr std::array<std::string_view, 2> k_current = {"undone_checksum", "statement_begun"};

constexpr std::string_view k_find = R"(
select coalesce(n.nspname::text, current_schema()::text),
       (select string_agg(a.attname::text, ' ') from pg_catalog.pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
  from (select to_regclass($1) as found) t
  left join pg_catalog.pg_class c on c.oid = t.found
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace)";

bool has_all(const std::string& columns, std::span<const std::string_view> names) {
  const auto has = [&](std::string_view name) {
    return (" " + columns + " ").contains(" " + std::string(name) + " ");
  };
  return std::ranges::all_of(names, has);
}

pg::Request request(std::string_view name, const std::string& sql) {
  return {{.name = name, .sql = sql}, {}};
}

}  // namespace

asio::awaitable<VersionTable> VersionTable::find(pg::Session& session, const std::string& name,
                                                 Deadline deadline) {
  pg::Request found{{.name = "FindVersionTable", .sql = k_find}, {}};
  found.params.add<type::Text>(pg::quote_identifier(name));
  const pg::Result result = co_await ask(session, std::move(found), deadline);
  const auto schema = result.row(0).get_optional<type::Text>(0);
  const auto columns = result.row(0).get_optional<type::Text>(1);
  if (!schema) {
    throw Error(ErrorKind::configuration,
                "the search path names no schema that exists: create one first");
  }
  if (columns && !has_all(*columns, k_first)) {
    throw Error(ErrorKind::configuration,
                "the table " + name + " was made by another tool (its columns are: " + *columns +
                    "): give Loci a version table of another name");
  }
  Shape shape = Shape::absent;
  if (columns) {
    shape = !has_all(*columns, k_counting)  ? Shape::first
            : !has_all(*columns, k_current) ? Shape::counting
                                            : Shape::current;
  }
  co_return VersionTable(pg::quote_identifier(*schema) + "." + pg::quote_identifier(name), shape);
}

asio::awaitable<std::vector<AppliedMigration>> VersionTable::list(pg::Session& session,
                                                                  Deadline deadline) const {
  std::vector<AppliedMigration> rows;
  if (shape_ == Shape::absent) co_return rows;
  std::string progress = shape_ == Shape::first
                             ? "0, 0, null::integer"
                             : "statements_done, statements_total, statements_undone";
  progress += shape_ == Shape::current ? ", undone_checksum, statement_begun"
                                       : ", null::text, null::boolean";
  const std::string sql = "select version, name, checksum, applied_at, " + progress + " from " +
                          table_ + " order by version";
  const pg::Result result = co_await ask(session, request("ListMigrations", sql), deadline);
  for (std::size_t i = 0; i < result.rows(); ++i) {
    const pg::RowView row = result.row(i);
    rows.push_back({.version = row.get<type::Int8>(0),
                    .name = row.get<type::Text>(1),
                    .checksum = row.get<type::Text>(2),
                    .at = row.get<type::Timestamptz>(3),
                    .done = row.get<type::Int4>(4),
                    .total = row.get<type::Int4>(5),
                    .undone = row.get_optional<type::Int4>(6),
                    .undone_checksum = row.get_optional<type::Text>(7),
                    .begun = row.get_optional<type::Bool>(8)});
  }
  co_return rows;
}

asio::awaitable<void> VersionTable::make(pg::Lease& lease, Deadline deadline) {
  if (shape_ == Shape::current) co_return;
  const std::string sql = "create table if not exists " + table_ + R"( (
    version    bigint      primary key,
    name       text        not null,
    checksum   text        not null,
    applied_at timestamptz not null default now(),
    duration   interval    not null
  );
  alter table )" + table_ +
                          R"(
    add column if not exists statements_done   integer not null default 0,
    add column if not exists statements_total  integer not null default 0,
    add column if not exists statements_undone integer,
    add column if not exists undone_checksum   text,
    add column if not exists statement_begun   boolean)";
  co_await lease.script(sql, "the version table", deadline);
  shape_ = Shape::current;
}

asio::awaitable<void> VersionTable::write(pg::Session& session, const AppliedMigration& row,
                                          std::chrono::microseconds took, Deadline deadline) const {
  const std::string sql =
      "insert into " + table_ +
      " as t (version, name, checksum, duration, statements_done, statements_total,"
      " statement_begun)"
      " values ($1, $2, $3, pg_catalog.make_interval(secs => $4), $5, $6, false)"
      " on conflict (version) do update set name = excluded.name, checksum = excluded.checksum,"
      " applied_at = pg_catalog.now(), statements_done = excluded.statements_done,"
      " statements_total = excluded.statements_total, statement_begun = false, duration = "
      "excluded.duration +"
      " case when t.statements_done < t.statements_total then t.duration else interval '0' end";
  pg::Request write = request("WriteMigration", sql);
  write.params.add<type::Int8>(row.version);
  write.params.add<type::Text>(row.name);
  write.params.add<type::Text>(row.checksum);
  write.params.add<type::Float8>(std::chrono::duration<double>(took).count());
  write.params.add<type::Int4>(row.done);
  write.params.add<type::Int4>(row.total);
  (void)co_await ask(session, std::move(write), deadline);
}

asio::awaitable<void> VersionTable::write_undone(pg::Session& session, const AppliedMigration& row,
                                                 Deadline deadline) const {
  const std::string sql = "update " + table_ +
                          " set statements_undone = $2, undone_checksum = $3,"
                          " statement_begun = false where version = $1";
  pg::Request write = request("WriteUndoneStatements", sql);
  write.params.add<type::Int8>(row.version);
  write.params.add<type::Int4>(row.undone.value_or(0));
  write.params.add<type::Text>(row.undone_checksum.value_or(""));
  (void)co_await ask(session, std::move(write), deadline);
}

asio::awaitable<void> VersionTable::write_begun(pg::Session& session, std::int64_t version,
                                                bool begun, Deadline deadline) const {
  const std::string sql = "update " + table_ + " set statement_begun = $2 where version = $1";
  pg::Request write = request("WriteBegunStatement", sql);
  write.params.add<type::Int8>(version);
  write.params.add<type::Bool>(begun);
  (void)co_await ask(session, std::move(write), deadline);
}

asio::awaitable<void> VersionTable::erase(pg::Session& session, std::int64_t version,
                                          Deadline deadline) const {
  const std::string sql = "delete from " + table_ + " where version = $1";
  pg::Request forget = request("ForgetMigration", sql);
  forget.params.add<type::Int8>(version);
  (void)co_await ask(session, std::move(forget), deadline);
}

}  // namespace loci::schema
