#include <loci/storage/doctor.hpp>

#include "storage/health/doctor_checks.hpp"
#include "storage/health/machine.hpp"
#include "storage/postgres_health.hpp"

namespace loci::storage {

namespace {

using health::only;

Task<HealthCheck> versions(pg::Pool& pool, Deadline deadline) {
  const auto server = co_await only<queries::DescribeServer>(pool, deadline);
  const auto indexes = co_await only<queries::MeasureVectorIndexes>(pool, deadline);
  const auto extensions = co_await pool.run(queries::ListExtensions{}, deadline);
  co_return health::judge_versions(server.version, extensions, indexes.hnsw);
}

Task<HealthCheck> row_security(pg::Pool& pool, Deadline deadline) {
  const auto unprotected = co_await pool.run(queries::ListUnprotectedTables{}, deadline);
  co_return health::judge_row_security(unprotected,
                                       co_await only<queries::DescribeRoles>(pool, deadline));
}

Task<HealthCheck> memory(pg::Pool& pool, health::MachineFacts machine, Deadline deadline) {
  const auto settings = co_await only<queries::DescribeSettings>(pool, deadline);
  const auto indexes = co_await only<queries::MeasureVectorIndexes>(pool, deadline);
  co_return health::judge_memory(settings, machine, indexes.largest);
}

// What is judged by the server's settings alone.
template <class Judge>
Task<HealthCheck> settings(pg::Pool& pool, Judge judge, Deadline deadline) {
  co_return judge(co_await only<queries::DescribeSettings>(pool, deadline));
}

}  // namespace

Task<Health> examine(PostgresStorage& storage, Deadline deadline) {
  Health seen = co_await storage.health(deadline);
  if (seen.checks.size() == 1) co_return seen;  // it cannot be reached
  pg::Pool& pool = storage.pool();
  const health::MachineFacts machine = health::machine_of(storage.health_options().data_dir);
  const auto planner = [machine](const health::ServerSettings& now) {
    return health::judge_planner(now, machine);
  };
  const auto add = [&seen](const char* name, Task<HealthCheck> check) -> Task<void> {
    seen.checks.push_back(co_await health::or_warning(name, "", std::move(check)));
  };
  co_await add("versions", versions(pool, deadline));
  co_await add("row_security", row_security(pool, deadline));
  co_await add("memory", memory(pool, machine, deadline));
  co_await add("planner", settings(pool, planner, deadline));
  co_await add("checkpoints", settings(pool, health::judge_checkpoints, deadline));
  co_await add("limits", settings(pool, health::judge_limits, deadline));
  co_return seen;
}

}  // namespace loci::storage
