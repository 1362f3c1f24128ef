#include <loci/storage/mock_storage.hpp>
#include <loci/storage/postgres_storage.hpp>

#include "storage/conformance/world.hpp"
#include "support/storage_fixture.hpp"

namespace loci::storage::conformance {

namespace {

class PostgresWorld final : public World {
public:
  PostgresWorld(Runtime& runtime, const std::string& database, Uuid tenant)
      : storage_(runtime.executor(), options(database, tenant)) {}
  [[nodiscard]] Storage& storage() override { return storage_; }

private:
  static PostgresOptions options(const std::string& database, Uuid tenant) {
    PostgresOptions made;
    made.pool.conninfo = test::TestServer::instance().dsn(database);
    made.pool.min_connections = 0;
    made.tenant_id = tenant;
    return made;
  }

  PostgresStorage storage_;
};

std::string fresh_database() {
  return test::TestServer::instance().fresh_database_name(test::migrated_template());
}

std::unique_ptr<World> postgres(Runtime& runtime) {
  static const std::string shared = fresh_database();
  return std::make_unique<PostgresWorld>(runtime, shared, Uuid::v7());
}

std::unique_ptr<World> postgres_alone(Runtime& runtime) {
  return std::make_unique<PostgresWorld>(runtime, fresh_database(),
                                         PostgresOptions::default_tenant());
}

class MockWorld final : public World {
public:
  [[nodiscard]] Storage& storage() override { return storage_; }

private:
  MockStorage storage_;
};

std::unique_ptr<World> mock(Runtime& /*runtime*/) {
  return std::make_unique<MockWorld>();
}

}  // namespace

const std::vector<Maker>& makers() {
  static const std::vector<Maker> all{
      {.name = "Postgres", .make = postgres, .make_alone = postgres_alone},
      {.name = "Mock", .make = mock, .make_alone = mock},
  };
  return all;
}

}  // namespace loci::storage::conformance
