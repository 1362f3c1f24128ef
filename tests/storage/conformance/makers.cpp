#include <loci/storage/mock_storage.hpp>
#include <loci/storage/postgres_storage.hpp>
#include <optional>

#include "storage/conformance/world.hpp"
#include "support/storage_fixture.hpp"

namespace loci::storage::conformance {

namespace {

PostgresOptions on(const std::string& database) {
  PostgresOptions made;
  made.pool.conninfo = test::TestServer::instance().dsn(database);
  made.pool.min_connections = 0;
  return made;
}

std::string fresh_database() {
  return test::TestServer::instance().fresh_database_name(test::migrated_template());
}

// What all cases share, gone before the process ends: a thread that ends in a static destructor
// ends after OpenSSL, and leaves behind what that kept for it.
class Shared final : public testing::Environment {
public:
  void TearDown() override {
    storage_.reset();
    runtime_.reset();
  }
  Runtime& runtime() {
    if (!runtime_) runtime_.emplace(4);
    return *runtime_;
  }
  PostgresStorage& storage() {
    if (!storage_) storage_.emplace(runtime().executor(), on(fresh_database()));
    return *storage_;
  }

private:
  std::optional<Runtime> runtime_;
  std::optional<PostgresStorage> storage_;
};

// Known before the first test, and deleted by googletest after the last.
auto* const g_shared = static_cast<Shared*>(testing::AddGlobalTestEnvironment(new Shared));

class PostgresWorld final : public World {
public:
  PostgresWorld() : storage_(runtime().executor(), on(fresh_database())) {}
  [[nodiscard]] Storage& storage() override { return storage_; }

private:
  PostgresStorage storage_;
};

// As an application serves its tenants: from one pool.
class TenantWorld final : public World {
public:
  explicit TenantWorld(Storage& all) : storage_(all.for_tenant(Uuid::v7())) {}
  [[nodiscard]] Storage& storage() override { return *storage_; }

private:
  std::unique_ptr<Storage> storage_;
};

std::unique_ptr<World> postgres() {
  return std::make_unique<TenantWorld>(g_shared->storage());
}

std::unique_ptr<World> postgres_alone() {
  return std::make_unique<PostgresWorld>();
}

class MockWorld final : public World {
public:
  [[nodiscard]] Storage& storage() override { return storage_; }

private:
  MockStorage storage_;
};

std::unique_ptr<World> mock() {
  return std::make_unique<MockWorld>();
}

}  // namespace

Runtime& runtime() {
  return g_shared->runtime();
}

const std::vector<Maker>& makers() {
  static const std::vector<Maker> all{
      {.name = "Postgres", .make = postgres, .make_alone = postgres_alone},
      {.name = "Mock", .make = mock, .make_alone = mock},
  };
  return all;
}

}  // namespace loci::storage::conformance
