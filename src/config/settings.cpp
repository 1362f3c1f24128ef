#include <loci/base/error.hpp>
#include <loci/config/settings.hpp>

#include <cstdlib>
#include <utility>

#include "config/setting_table.hpp"
#include "config/yaml_file.hpp"

namespace loci::config {

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Settings load_settings(const Environment& environment, Settings defaults) {
  Settings settings = std::move(defaults);
  const std::string file = environment("LOCI_CONFIG").value_or("");
  if (!file.empty()) read_yaml_file(file, settings);
  for (const Setting& setting : setting_table()) {
    if (setting.variable == nullptr) continue;
    const std::string text = environment(setting.variable).value_or("");
    if (!text.empty() && !setting.set(settings, text)) {
      throw Error(ErrorKind::configuration,
                  std::string(setting.variable) + " takes " + std::string(setting.takes));
    }
  }
  return settings;
}

}  // namespace loci::config
