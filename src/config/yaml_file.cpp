#include "config/yaml_file.hpp"

#include <loci/base/error.hpp>

#include <yaml-cpp/yaml.h>
#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

namespace loci::config {

namespace {

constexpr std::size_t k_largest = 64 * 1024;

// Where a complaint points to.
class Place {
public:
  Place(const std::string& path, const YAML::Mark& mark)
      : text_(path + (mark.is_null() ? "" : ":" + std::to_string(mark.line + 1)) + ": ") {}
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::configuration, text_ + why);
  }

private:
  std::string text_;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(k_largest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) {
    throw Error(ErrorKind::configuration, path + ": the settings file cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > k_largest) {
    throw Error(ErrorKind::configuration, path + ": a settings file has at most 64 kB");
  }
  return text;
}

// The parser's own message may quote the file.
std::vector<YAML::Node> documents(const std::string& path) {
  try {
    return YAML::LoadAll(contents(path));
  } catch (const YAML::Exception& error) {
    Place(path, error.mark).refuse("this is not YAML, or nested too deeply");
  }
}

// The entries of a map, whose keys are plain and come once.
template <class Take>
void each_entry(const std::string& path, const YAML::Node& map, Take take) {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const Place place(path, entry.first.Mark());
    if (!entry.first.IsScalar()) place.refuse("a key is a plain word");
    if (!seen.insert(entry.first.Scalar()).second) place.refuse("this key is here twice");
    take(place, entry.first.Scalar(), entry.second);
  }
}

void take_setting(const Place& place, const std::string& key, const YAML::Node& value,
                  Settings& settings) {
  const Setting* setting = find_setting(key);
  if (setting == nullptr) {
    place.refuse("there is no such setting; the nearest is " + std::string(nearest_key(key)));
  }
  if (!value.IsScalar() || !setting->set(settings, value.Scalar())) {
    place.refuse(key + " takes " + std::string(setting->takes));
  }
}

}  // namespace

void read_yaml_file(const std::string& path, Settings& settings) {
  const std::vector<YAML::Node> all = documents(path);
  if (all.size() > 1) Place(path, all[1].Mark()).refuse("a settings file is one document");
  if (all.empty() || all[0].IsNull()) return;
  if (!all[0].IsMap()) Place(path, all[0].Mark()).refuse("a settings file is a map of sections");
  each_entry(path, all[0], [&](const Place& at, const std::string& section, const YAML::Node& in) {
    const std::string prefix = section + ".";
    const bool known = std::ranges::any_of(
        setting_table(), [&](const Setting& setting) { return setting.key.starts_with(prefix); });
    if (!known) {
      at.refuse("there is no such section; the nearest setting is " +
                std::string(nearest_key(section)));
    }
    if (in.IsNull()) return;
    if (!in.IsMap()) at.refuse(section + " is a section: names and values");
    each_entry(path, in, [&](const Place& place, const std::string& name, const YAML::Node& value) {
      take_setting(place, prefix + name, value, settings);
    });
  });
}

}  // namespace loci::config
