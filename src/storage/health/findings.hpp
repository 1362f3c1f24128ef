#pragma once
#include <loci/storage/health.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <format>
#include <string>
#include <utility>

namespace loci::storage::health {

/// What was found, one after the other, as one check: the worst counts, each is told.
class Findings {
public:
  explicit Findings(std::string name) { check_.name = std::move(name); }

  Findings& note(const std::string& detail) {
    check_.detail += (check_.detail.empty() ? "" : "; ") + detail;
    return *this;
  }
  Findings& add(HealthStatus status, const std::string& detail, const std::string& remedy) {
    check_.status = std::max(check_.status, status);
    if (!check_.remedy.contains(remedy)) {
      check_.remedy += (check_.remedy.empty() ? "" : "; ") + remedy;
    }
    return note(detail);
  }
  Findings& warn(const std::string& detail, const std::string& remedy) {
    return add(HealthStatus::warn, detail, remedy);
  }
  Findings& fail(const std::string& detail, const std::string& remedy) {
    return add(HealthStatus::fail, detail, remedy);
  }

  [[nodiscard]] HealthCheck take() { return std::move(check_); }

private:
  HealthCheck check_;
};

[[nodiscard]] inline std::string bytes_text(std::int64_t bytes) {
  constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
  return unit == 0 ? std::format("{} B", bytes) : std::format("{:.1f} {}", value, units[unit]);
}

[[nodiscard]] inline std::string seconds_text(double seconds) {
  if (seconds < 120) return std::format("{:.0f} s", seconds);
  if (seconds < 7200) return std::format("{:.0f} min", seconds / 60);
  return std::format("{:.0f} h", seconds / 3600);
}

[[nodiscard]] inline double seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace loci::storage::health
