// kill -9 of a migrating process at each boundary of its work.
#include <signal.h>
#include <unistd.h>

#include <functional>

#include "schema/migrators.hpp"
#include "support/child_process.hpp"

namespace loci::schema {
namespace {

using testing::ElementsAre;

std::vector<Migration> files() {
  return steps(
      {{"1_together.up.sql",
        "create schema elsewhere; create table a (id int primary key); create table b (id int);"
        "insert into b values (1)"},
       {"1_together.down.sql", "drop table b; drop table a; drop schema elsewhere"},
       {"2_apart.up.sql",
        "set search_path = elsewhere, public;"
        "create type public.mood as enum ('ok');"
        "create table public.c (id int, m mood);"
        "insert into c select g, 'ok' from generate_series(1, 100) g;"
        "create index concurrently c_id on c (id);"
        "alter type mood add value 'sad';"
        "insert into c values (101, 'sad');"
        "create unique index concurrently c_unique on c (id);"
        "drop index concurrently c_id;"
        "reindex table concurrently c;"
        "create table found_by_the_path (id int);"
        "vacuum c"},
       {"2_apart.down.sql",
        "drop index concurrently c_unique; set search_path = elsewhere, public;"
        "drop table found_by_the_path; drop table c; drop type mood"},
       {"R__view.sql", "create or replace view v as select 1 as one"}});
}

using Work = std::function<boost::asio::awaitable<std::vector<MigrationStep>>(Migrator&)>;

const Work k_up = [](Migrator& migrator) { return migrator.up(soon()); };
const Work k_down = [](Migrator& migrator) { return migrator.down(2, soon()); };

/// Runs the work in a process that kills itself at the n-th boundary. False: it got through.
bool killed_at(const std::string& dsn, const std::vector<Migration>& migrations, const Work& work,
               int boundary) {
  const test::Child child([&](const auto& ready) {
    Runtime runtime;
    pg::Pool pool(runtime.executor(), {.conninfo = dsn, .max_connections = 1});
    int passed = 0;
    Migrator migrator(pool, migrations, {.on_progress = [&](const MigrationProgress&) {
                        if (passed++ == boundary) ::kill(::getpid(), SIGKILL);
                      }});
    (void)runtime.wait(work(migrator));
    ready();
  });
  return !child.wait_ready();
}

struct Facts {
  std::string catalog;
  std::int64_t rows;
  bool in_the_path = false;  // the table is where the file's own setting puts it
  bool operator==(const Facts&) const = default;
};

Facts facts(test::Database& db) {
  return {db.run(value<pg::type::Text>(db.pool, query(k_facts))),
          db.run(value<pg::type::Int8>(
              db.pool, query("select (select count(*) from b) * 1000 + (select count(*) from c)"))),
          db.run(value<pg::type::Bool>(
              db.pool, query("select to_regclass('elsewhere.found_by_the_path') is not null")))};
}

Facts undisturbed() {
  test::Database db;
  Migrator migrator(db.pool, files());
  (void)db.run(migrator.up(soon()));
  return facts(db);
}

void up(const std::string& dsn) {
  test::Database db({.conninfo = dsn});
  Migrator migrator(db.pool, files());
  (void)db.run(migrator.up(soon()));
}

TEST(MigratorCrash, TheNextRunEndsInTheSameCatalogWhereverUpIsKilled) {
  const Facts expected = undisturbed();
  EXPECT_EQ(expected.rows, 1101);
  EXPECT_TRUE(expected.in_the_path);
  int boundary = 0;
  for (bool killed = true; killed; ++boundary) {
    const std::string dsn = test::TestServer::instance().fresh_database();
    killed = killed_at(dsn, files(), k_up, boundary);
    test::Database db({.conninfo = dsn});
    Migrator next(db.pool, files());
    (void)db.run(next.up(soon()));
    EXPECT_EQ(facts(db), expected) << "killed at boundary " << boundary;
    for (const MigrationStatus& status : db.run(next.status(soon()))) {
      EXPECT_EQ(status.state, State::applied) << status.name << boundary;
    }
  }
  EXPECT_EQ(boundary, 4 * (1 + 12 + 1) + 1);
}

TEST(MigratorCrash, TheNextRunFinishesADownAndComesUpTheSame) {
  const Facts expected = undisturbed();
  int boundary = 0;
  for (bool killed = true; killed; ++boundary) {
    const std::string dsn = test::TestServer::instance().fresh_database();
    up(dsn);
    killed = killed_at(dsn, files(), k_down, boundary);
    up(dsn);
    test::Database db({.conninfo = dsn});
    EXPECT_EQ(facts(db), expected) << "killed at boundary " << boundary;
  }
  EXPECT_EQ(boundary, 4 * (5 + 1) + 1);
}

TEST(MigratorCrash, TheBuiltInSchemaComesOutTheSameWhereverItIsKilled) {
  const auto& all = built_in_migrations();
  const auto catalog_after = [&](const std::string& dsn) {
    test::Database db({.conninfo = dsn});
    Migrator migrator(db.pool, all);
    (void)db.run(migrator.up(soon()));
    return db.run(value<pg::type::Text>(db.pool, query(k_facts)));
  };
  const std::string expected = catalog_after(test::TestServer::instance().fresh_database());
  const int boundaries = 4 * static_cast<int>(all.size());
  for (int boundary = 0; boundary < boundaries; ++boundary) {
    const std::string dsn = test::TestServer::instance().fresh_database();
    EXPECT_TRUE(killed_at(dsn, all, k_up, boundary));
    EXPECT_EQ(catalog_after(dsn), expected) << "killed at boundary " << boundary;
  }
}

/// A transaction that CREATE INDEX CONCURRENTLY on t waits for.
struct Bystander {
  explicit Bystander(test::Database& db) : db_(db), lease_(db.run(db.pool.acquire(soon()))) {
    (void)db.run(lease_.script("begin; insert into t values (1)", "bystander", soon()));
  }
  void leave() { (void)db_.run(lease_.script("commit", "bystander", soon())); }

private:
  test::Database& db_;
  pg::Lease lease_;
};

std::vector<Migration> an_index() {
  return steps({{"1_i.sql", "create index concurrently i on t (id)"}});
}

/// A process of its own that builds the index once it is let go.
struct IndexBuilder {
  const std::string dsn = test::TestServer::instance().fresh_database();
  test::Child builder{[this](const auto& ready) {
    ready();
    Runtime runtime;
    pg::Pool pool(runtime.executor(), {.conninfo = dsn, .max_connections = 1});
    Migrator migrator(pool, an_index());
    (void)runtime.wait(migrator.up(soon()));
  }};
};

struct MigratorCutOff : IndexBuilder, Migrators {
  MigratorCutOff() : Migrators({.conninfo = dsn}) {}

  bool is_building() {
    return number(
               "select count(*) from pg_stat_activity where application_name = 'loci migrate'"
               " and wait_event_type = 'Lock' and query like 'create index%'"
               " and datname = current_database()") == 1;
  }
  void kill_while_building() {
    EXPECT_TRUE(builder.let_go());
    EXPECT_TRUE(test::eventually([this] { return is_building(); }));
    builder.kill();
  }
  void expect_finished() {
    EXPECT_THAT(told(up(an_index())), ElementsAre("+1_i"));
    EXPECT_EQ(number("select count(*) from pg_index where indrelid = 't'::regclass and indisvalid"),
              1);
    EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 0);
  }
};

TEST_F(MigratorCutOff, AnIndexThatTheServerFinishedAloneIsNotBuiltAgain) {
  db.script("create table t (id int)");
  Bystander bystander(db);
  kill_while_building();
  bystander.leave();
  expect_finished();
}

TEST_F(MigratorCutOff, AnIndexThatWasLeftInvalidIsBuiltAgain) {
  db.script("create table t (id int)");
  Bystander bystander(db);
  kill_while_building();
  db.script(
      "select pg_terminate_backend(pid) from pg_stat_activity"
      " where application_name = 'loci migrate' and datname = current_database()");
  bystander.leave();
  EXPECT_TRUE(test::eventually([this] { return locks() == 0; }));
  EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 1);
  expect_finished();
}

}  // namespace
}  // namespace loci::schema
