#pragma once
#include <loci/storage/health.hpp>

#include <cstdint>
#include <optional>
#include <vector>

#include "queries/health.hpp"

/// What examine() makes of what it finds, beyond health(). Pure: each is given the facts.
namespace loci::storage::health {

/// The machine the server runs on, where that is this one.
struct MachineFacts {
  std::optional<std::uint64_t> memory;  ///< Bytes.
  std::optional<bool> spinning_disk;    ///< Of the data.
};

using ServerSettings = queries::DescribeSettings::Row;

/// Known faults of the versions in use. `hnsw`: how many indexes of that kind there are.
[[nodiscard]] HealthCheck judge_versions(
    const std::string& server_version, const std::vector<queries::ListExtensions::Row>& extensions,
    std::int64_t hnsw);
[[nodiscard]] HealthCheck judge_memory(const ServerSettings& settings, const MachineFacts& machine,
                                       std::int64_t largest_vector_index);
[[nodiscard]] HealthCheck judge_planner(const ServerSettings& settings,
                                        const MachineFacts& machine);
[[nodiscard]] HealthCheck judge_checkpoints(const ServerSettings& settings);
[[nodiscard]] HealthCheck judge_limits(const ServerSettings& settings);
/// Whether row level security binds everybody: tables, and the role that asks.
[[nodiscard]] HealthCheck judge_row_security(
    const std::vector<queries::ListUnprotectedTables::Row>& unprotected,
    const queries::DescribeRoles::Row& roles);

}  // namespace loci::storage::health
