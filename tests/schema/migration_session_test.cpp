// Which connections a migrator refuses.
#include <filesystem>
#include <fstream>

#include "pg/pgbouncer.hpp"
#include "schema/migrators.hpp"

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
  std::string folder = "/tmp/loci-test-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  const pg::EmbeddedOptions options{.data_dir = folder + "/data"};
  {
    const auto server = pg::EmbeddedServer::open(options);
  }
  std::ofstream(folder + "/data/postgres/standby.signal").flush();
  {
    const auto server = pg::EmbeddedServer::open(options);
    Runtime runtime;
    pg::Pool pool(runtime.executor(), {.conninfo = server.dsn(), .max_connections = 1});
    Migrator migrator(pool, two_tables());
    const Error error = error_of([&] { return runtime.wait(migrator.up(soon())); });
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), HasSubstr("standby"));
    EXPECT_EQ(runtime.wait(migrator.status(soon())).size(), 2U);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loci::schema
