#pragma once
#include <loci/pg/pool_statistics.hpp>
#include <loci/schema/migrator.hpp>
#include <loci/storage/health.hpp>

#include <optional>
#include <vector>

#include "queries/health.hpp"

/// What look_at_health() makes of what it finds. Pure: each is given the facts.
namespace loci::storage::health {

using Server = queries::DescribeServer::Row;
template <class Query>
using Rows = std::vector<typename Query::Row>;

/// Bytes of a file system.
struct DiskSpace {
  std::uint64_t free = 0;
  std::uint64_t size = 0;
};

/// Where two of the same kind are behind one another.
struct Replication {
  Rows<queries::ListStandbys> standbys;
  queries::MeasureReplayDelay::Row replay = {};  ///< Of this server as a standby.
  Rows<queries::ListReplicationSlots> slots;
};

[[nodiscard]] HealthCheck judge_server(const Server& server);
[[nodiscard]] HealthCheck judge_durability(const Server& server);
[[nodiscard]] HealthCheck judge_latency(std::chrono::microseconds round_trip,
                                        const HealthOptions& options);
/// As it was before it was asked for anything.
[[nodiscard]] HealthCheck judge_pool(const pg::PoolStatistics& pool);
[[nodiscard]] HealthCheck judge_sessions(const queries::CountSessions::Row& sessions,
                                         const pg::PoolStatistics& pool, const Server& server);
[[nodiscard]] HealthCheck judge_transactions(const Rows<queries::FindLongTransactions>& running,
                                             const queries::FindPreparedTransactions::Row& prepared,
                                             const HealthOptions& options, const Server& server);
[[nodiscard]] HealthCheck judge_replication(const Replication& replication, const Server& server);
/// `disk`: of the server's data, where it is known.
[[nodiscard]] HealthCheck judge_disk(std::int64_t database_bytes, std::optional<DiskSpace> disk);
[[nodiscard]] HealthCheck judge_migrations(const std::vector<schema::MigrationStatus>& statuses);
[[nodiscard]] HealthCheck judge_extensions(const Rows<queries::ListExtensions>& extensions);
[[nodiscard]] HealthCheck judge_indexes(const Rows<queries::ListInvalidIndexes>& invalid);
[[nodiscard]] HealthCheck judge_age(const queries::MeasureAge::Row& age);

}  // namespace loci::storage::health
