#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace loci::storage {

enum class HealthStatus : std::uint8_t { ok, warn, fail };

[[nodiscard]] std::string_view to_string(HealthStatus status) noexcept;

/// One thing that was looked at.
struct HealthCheck {
  std::string name;  ///< "server", "pool", "migrations": stable, for scripts.
  HealthStatus status = HealthStatus::ok;
  std::string detail;  ///< What was found, in a few words.
  std::string remedy;  ///< What to do about it; empty when all is well.
};

struct Health {
  std::vector<HealthCheck> checks;
  std::chrono::microseconds latency{0};  ///< Of one round trip; 0: there was none.

  /// The worst of the checks.
  [[nodiscard]] HealthStatus status() const noexcept;
};

/// What counts as too much, and what only the caller knows.
struct HealthOptions {
  /// Folder of the data of a server on this machine, whose free space is looked at; empty: unknown.
  std::filesystem::path data_dir = {};
  std::chrono::milliseconds slow_round_trip{50};
  std::chrono::milliseconds long_transaction = std::chrono::minutes(5);
  std::chrono::milliseconds long_idle_in_transaction = std::chrono::minutes(1);
};

/// `{"status","latency_us"?,"checks":[{"name","status","detail","remedy"?}]}`
[[nodiscard]] std::string to_json(const Health& health);

/// The same for Prometheus (text format 0.0.4): `loci_health_status{check="disk"} 1`, where ok is
/// 0, warn 1 and fail 2, and `loci_health_latency_seconds`
/// where there was a round trip.
[[nodiscard]] std::string to_prometheus(const Health& health);

}  // namespace loci::storage
