#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <loci/schema/migrator.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pg/ask.hpp"
#include "schema/migration_files.hpp"
#include "support/database.hpp"

/// A database of its own, and migrators on it.
namespace loci::schema {

using test::ask;
using test::error_of;
using test::query;
using test::soon;
using test::value;
using State = MigrationStatus::State;

inline std::vector<Migration> steps(std::vector<MigrationFile> files) {
  return assemble(files);
}

/// Two tables, one step each.
inline std::vector<Migration> two_tables() {
  return steps({{"0001_first.up.sql", "create table a (id int)"},
                {"0001_first.down.sql", "drop table a"},
                {"0002_second.up.sql", "create table b (id int); create index b_id on b (id)"},
                {"0002_second.down.sql", "drop table b"}});
}

/// Everything the catalog says of the schema, in words.
inline constexpr std::string_view k_facts = R"(
select string_agg(fact, E'\n' order by fact) from (
  select format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)) as fact
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
  union all
  select format('relation %s %s %s %s %s %s %s', relname, relkind, relrowsecurity, relforcerowsecurity,
                relacl, relowner::regrole, obj_description(oid, 'pg_class'))
    from pg_class where relnamespace = 'public'::regnamespace
  union all
  select format('constraint %s %s', conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select format('index %s %s %s %s', pg_get_indexdef(indexrelid), indisvalid, indisready, indislive)
    from pg_index join pg_class c on c.oid = indexrelid
   where c.relnamespace = 'public'::regnamespace
  union all
  select format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ' ' order by enumsortorder))
    from pg_enum group by enumtypid
  union all
  select format('view %s %s', oid::regclass, pg_get_viewdef(oid))
    from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
  union all
  select format('sequence %s %s %s %s %s %s', seqrelid::regclass, seqtypid::regtype, seqstart,
                seqincrement, seqmax, seqcycle)
    from pg_sequence join pg_class c on c.oid = seqrelid
   where c.relnamespace = 'public'::regnamespace
  union all
  select format('policy %s %s %s %s %s', tablename, policyname, roles, qual, with_check) from pg_policies
  union all
  select format('function %s %s %s %s', pg_get_functiondef(p.oid), proowner::regrole, proacl,
                obj_description(p.oid, 'pg_proc'))
    from pg_proc p where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
     and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
  union all
  select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
) facts)";

struct Migrators : testing::Test {
  explicit Migrators(pg::PoolOptions options = {}) : db(std::move(options), 4) {}

  std::vector<MigrationStep> up(std::vector<Migration> migrations, Deadline deadline = soon()) {
    Migrator migrator(db.pool, std::move(migrations));
    return db.run(migrator.up(deadline));
  }
  std::vector<MigrationStep> up_with(std::vector<Migration> migrations, MigratorOptions options) {
    Migrator migrator(db.pool, std::move(migrations), std::move(options));
    return db.run(migrator.up(soon()));
  }
  std::vector<MigrationStep> down(std::vector<Migration> migrations, int count) {
    Migrator migrator(db.pool, std::move(migrations));
    return db.run(migrator.down(count, soon()));
  }
  std::vector<State> states(std::vector<Migration> migrations) {
    Migrator migrator(db.pool, std::move(migrations));
    std::vector<State> all;
    for (const MigrationStatus& each : db.run(migrator.status(soon()))) {
      EXPECT_EQ(each.applied_at.has_value(), each.state != State::pending);
      all.push_back(each.state);
    }
    return all;
  }
  std::string text(std::string_view sql) {
    return db.run(value<pg::type::Text>(db.pool, query(sql)));
  }
  std::int64_t number(std::string_view sql) {
    return db.run(value<pg::type::Int8>(db.pool, query(sql)));
  }
  std::int64_t locks() {
    return number(
        "select count(*) from pg_locks where locktype = 'advisory' and database ="
        " (select oid from pg_database where datname = current_database())");
  }

  test::Database db;
};

/// What the steps did: `+2_second`, `-2_second`, `=2_second` when only recorded, `?` when not
/// tried.
inline std::vector<std::string> told(const std::vector<MigrationStep>& steps) {
  using Direction = MigrationStep::Direction;
  std::vector<std::string> words;
  for (const MigrationStep& step : steps) {
    const char* sign = step.direction == Direction::up     ? "+"
                       : step.direction == Direction::down ? "-"
                                                           : "=";
    words.push_back((step.tried ? sign : "?") + std::to_string(step.version) + "_" + step.name);
  }
  return words;
}

}  // namespace loci::schema
