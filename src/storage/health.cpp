#include <loci/storage/health.hpp>

#include <loci/base/json_writer.hpp>

#include <algorithm>

namespace loci::storage {

std::string_view to_string(HealthStatus status) noexcept {
  switch (status) {
    case HealthStatus::ok:
      return "ok";
    case HealthStatus::warn:
      return "warn";
    case HealthStatus::fail:
      break;
  }
  return "fail";
}

HealthStatus Health::status() const noexcept {
  HealthStatus worst = HealthStatus::ok;
  for (const HealthCheck& check : checks) worst = std::max(worst, check.status);
  return worst;
}

std::string to_json(const Health& health) {
  JsonWriter out;
  out.object().member("status").value(to_string(health.status()));
  if (health.latency.count() > 0) out.member("latency_us").value(health.latency.count());
  out.member("checks").array();
  for (const HealthCheck& check : health.checks) {
    out.object().member("name").value(check.name);
    out.member("status").value(to_string(check.status)).member("detail").value(check.detail);
    if (!check.remedy.empty()) out.member("remedy").value(check.remedy);
    out.close();
  }
  return out.close().close().text();
}

}  // namespace loci::storage
