#pragma once
#include <chrono>
#include <cstdint>
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
  std::chrono::microseconds latency{0};  ///< Of one round trip.

  /// The worst of the checks.
  [[nodiscard]] HealthStatus status() const noexcept;
};

/// `{"status","latency_us","checks":[{"name","status","detail","remedy"?}]}`
[[nodiscard]] std::string to_json(const Health& health);

}  // namespace loci::storage
