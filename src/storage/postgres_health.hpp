#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/pool.hpp>
#include <loci/schema/migrator.hpp>
#include <loci/storage/health.hpp>
#include <loci/storage/task.hpp>

#include <string>
#include <utility>
#include <vector>

namespace loci::storage {

/// Looks at everything that may go wrong, over one connection of the pool and, for the migrations,
/// then another. A server that cannot be reached is one check, "server", that fails; a check that
/// cannot be made is a warning that says what it lacks. The references must live until the end.
[[nodiscard]] Task<Health> look_at_health(pg::Pool& pool,
                                          const std::vector<schema::Migration>& migrations,
                                          Deadline deadline, HealthOptions options = {},
                                          schema::MigratorOptions migrator = {});

namespace health {

/// The row of a query that always gives one.
template <class Query>
[[nodiscard]] Task<typename Query::Row> only(pg::Session& session, Deadline deadline) {
  auto row = co_await session.run(Query{}, deadline);
  if (!row) throw Error(ErrorKind::protocol, "the server gave no row");
  co_return *std::move(row);
}

/// The check, or a warning of this name: why it could not be made, and what `role` (empty: the one
/// that is connected) lacks.
[[nodiscard]] Task<HealthCheck> or_warning(std::string name, std::string role,
                                           Task<HealthCheck> check);

}  // namespace health

}  // namespace loci::storage
