// Which connections a migrator refuses.

#include "pg/pgbouncer.hpp"
#include "schema/migrators.hpp"
#include "support/server_folder.hpp"

namespace loci::schema {
namespace {

using testing::HasSubstr;

TEST_F(Migrators, APoolerIsRefusedAndStatusWorksThroughIt) {
  if (!test::PgBouncer::program()) GTEST_SKIP() << "PgBouncer is not installed";
  const test::PgBouncer bouncer(db.dsn);
  pg::Pool pool(db.runtime.executor(),
                {.conninfo = bouncer.dsn, .max_connections = 1, .pgbouncer = true});
  Migrator migrator(pool, two_tables());
  const Error error = error_of([&] { return db.run(migrator.up(soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("pooler"));
  EXPECT_EQ(db.run(migrator.status(soon())).size(), 2U);
  EXPECT_EQ(locks(), 0);
}

TEST(MigrationSession, AStandbyIsRefused) {
  const test::StandbyServer standby;
  Runtime runtime;
  pg::Pool pool(runtime.executor(), {.conninfo = standby.dsn(), .max_connections = 1});
  Migrator migrator(pool, two_tables());
  const Error error = error_of([&] { return runtime.wait(migrator.up(soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("standby"));
  EXPECT_EQ(runtime.wait(migrator.status(soon())).size(), 2U);
}

}  // namespace
}  // namespace loci::schema
