// loci health | doctor
#include <loci/storage/doctor.hpp>

#include <cstdio>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using storage::Health;
using storage::HealthCheck;
using storage::HealthStatus;

constexpr const char* k_exit_codes =
    "\nExit code 0: all is well; 3: warnings; 1: something failed.";

int exit_code_of(HealthStatus status) {
  switch (status) {
    case HealthStatus::ok:
      return 0;
    case HealthStatus::warn:
      return k_exit_faults;
    case HealthStatus::fail:
      break;
  }
  return k_exit_failed;
}

std::string coloured(HealthStatus status) {
  const std::string word =
      std::string(to_string(status)) + (status == HealthStatus::ok ? "  " : "");
  return status == HealthStatus::ok ? dim(word) : yellow(word);
}

void print_text(const Health& health) {
  for (const HealthCheck& check : health.checks) {
    std::printf("%s  %-13s %s\n", coloured(check.status).c_str(), check.name.c_str(),
                printable(check.detail).c_str());
    if (!check.remedy.empty()) {
      std::printf("%20s%s\n", "", dim("-> " + printable(check.remedy)).c_str());
    }
  }
}

// With the library's own limits: what a program would have, and nothing here takes long.
Health look(const GlobalOptions& options, bool closely) {
  Engine engine(options, Engine::Schema::any, config::Settings());
  return closely ? engine.wait(storage::examine(engine.storage()))
                 : engine.wait(engine.storage().health());
}

}  // namespace

void add_health_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* health = app.add_subcommand("health", "Is all well with the database?");
  const auto metrics = std::make_shared<bool>(false);
  health->add_flag("--metrics", *metrics, "Print gauges for Prometheus");
  health->footer(k_exit_codes);
  health->callback([&options, &exit_code, metrics] {
    const Health seen = look(options, false);
    exit_code = exit_code_of(seen.status());
    if (*metrics) {
      std::fputs(to_prometheus(seen).c_str(), stdout);
    } else if (options.json) {
      std::puts(to_json(seen).c_str());
    } else {
      print_text(seen);
    }
  });

  CLI::App* doctor = app.add_subcommand(
      "doctor", "The same, and known faults of versions, settings, row level security");
  doctor->footer(k_exit_codes);
  doctor->callback([&options, &exit_code] {
    const Health seen = look(options, true);
    exit_code = exit_code_of(seen.status());
    options.json ? (void)std::puts(to_json(seen).c_str()) : print_text(seen);
  });
}

}  // namespace loci::app
