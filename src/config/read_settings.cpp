#include <loci/config/read_settings.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "config/contradictions.hpp"
#include "config/expand.hpp"
#include "config/setting_table.hpp"
#include "config/settings_file.hpp"
#include "config/yaml_entries.hpp"

namespace loci::config {

namespace {

constexpr std::size_t k_most_faults = 100;

Origin in_file(const std::string& file, Place place = {}) {
  return {.kind = Origin::Kind::file, .name = file, .line = place.line, .column = place.column};
}

std::string_view canonical(const Setting& setting) {
  return setting.same_as.empty() ? setting.key : setting.same_as;
}

class Reader {
public:
  explicit Reader(Settings defaults) { read_.settings = std::move(defaults); }

  void take_file(const Sources& sources) {
    read_.file = sources.file;
    if (read_.file.empty()) {
      auto found = find_settings_file(sources.environment);
      if (!found) return fault({}, found.error());
      read_.file = *std::move(found);
    }
    if (read_.file.empty()) return;
    const auto text = settings_text(read_.file);
    if (!text) return fault(in_file(read_.file), text.error());
    const YamlEntries yaml = read_yaml_entries(*text);
    for (const YamlFault& each : yaml.faults) fault(in_file(read_.file, each.place), each.text);
    std::string unknown;  // the section that is skipped
    for (const YamlEntry& entry : yaml.entries) {
      if (!unknown.empty() && entry.path.starts_with(unknown)) continue;
      unknown.clear();
      take_entry(entry, sources.environment);
      if (entry.kind == YamlEntry::Kind::map && !is_section(entry.path)) unknown = entry.path + ".";
    }
    std::ranges::stable_sort(read_.faults, {}, [](const Fault& each) {
      return std::pair(each.place.line, each.place.column);
    });
  }

  void take_variables(const Environment& environment) {
    for (const Setting& setting : setting_table()) {
      // The short name wins over the derived one.
      if (setting.variable != nullptr && take_variable(setting, setting.variable, environment)) {
        continue;
      }
      (void)take_variable(setting, derived_variable(setting.key), environment);
    }
  }

  void take_flags(const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      const Origin origin{.kind = Origin::Kind::flag, .name = flag.name};
      const Setting* setting = find_setting(flag.key);
      if (setting == nullptr) {
        fault(origin, no_such(flag.key));
      } else {
        take(*setting, flag.key, items_of(*setting, flag.value), origin);
      }
    }
  }

  ReadSettings finish() {
    for (const Contradiction& each : contradictions(read_.settings)) {
      if (faulty_.contains(each.key) || faulty_.contains(each.other)) continue;
      fault(origins_[each.key], each.text);
    }
    for (const Setting& setting : setting_table()) {
      SettingValue value{.key = std::string(setting.key),
                         .value = setting.get(read_.settings),
                         .acts = setting.acts,
                         .origin = origins_[canonical(setting)]};
      if (value.value && setting.shown != nullptr) {
        const std::string whole = *std::exchange(value.value, setting.shown(*value.value));
        value.hidden = whole != *value.value;
      }
      read_.values.push_back(std::move(value));
    }
    return std::move(read_);
  }

private:
  static std::string no_such(std::string_view key) {
    return "there is no such setting; the nearest is " + std::string(nearest_key(key));
  }

  static std::vector<std::string> items_of(const Setting& setting, const std::string& text) {
    if (!setting.list) return {text};
    std::vector<std::string> items;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      items.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return items;
  }

  void take_entry(const YamlEntry& entry, const Environment& environment) {
    const Setting* setting = find_setting(entry.path);
    if (setting == nullptr) {
      if (!is_section(entry.path)) {
        fault(in_file(read_.file, entry.key), no_such(entry.path));
      } else if (entry.kind == YamlEntry::Kind::scalar || entry.kind == YamlEntry::Kind::list) {
        fault(in_file(read_.file, entry.value), entry.path + " is a section: names and values");
      }
      return;
    }
    const Origin origin = in_file(read_.file, entry.value);
    const bool fits = entry.kind == YamlEntry::Kind::scalar ||
                      (entry.kind == YamlEntry::Kind::list && setting->list);
    if (!fits) return refuse(*setting, setting->key, origin);
    std::vector<std::string> values;
    for (const std::string& text : entry.values) {
      auto expanded = expand(text, environment);
      if (!expanded) {
        faulty_.insert(canonical(*setting));
        return fault(origin, entry.path + ": " + expanded.error());
      }
      values.push_back(*std::move(expanded));
    }
    if (twice(*setting, origin)) return;
    take(*setting, entry.path, values, origin);
  }

  // False: it is not set.
  bool take_variable(const Setting& setting, const std::string& name,
                     const Environment& environment) {
    const std::string text = environment(name.c_str()).value_or("");
    if (text.empty()) return false;
    take(setting, name, items_of(setting, text), {.kind = Origin::Kind::variable, .name = name});
    return true;
  }

  // Two names of one option in one file, with different values.
  bool twice(const Setting& setting, const Origin& origin) {
    const auto before = origins_.find(canonical(setting));
    const bool other = before != origins_.end() && before->second.name == origin.name;
    if (other) {
      fault(origin, std::string(setting.key) + " is set already, by its other name in line " +
                        std::to_string(before->second.line));
    }
    return other;
  }

  void refuse(const Setting& setting, std::string_view name, const Origin& origin) {
    faulty_.insert(canonical(setting));
    fault(origin, std::string(name) + " takes " + setting.takes(setting));
  }

  // `name`: what the person calls it.
  void take(const Setting& setting, std::string_view name, const std::vector<std::string>& values,
            const Origin& origin) {
    if (values.empty() && !setting.list) return;
    if (setting.set(setting, read_.settings, values)) {
      origins_[canonical(setting)] = origin;
    } else {
      refuse(setting, name, origin);
    }
  }

  void fault(Origin place, std::string text) {
    if (read_.faults.size() < k_most_faults) {
      read_.faults.push_back({std::move(place), std::move(text)});
    }
  }

  ReadSettings read_;
  std::map<std::string_view, Origin> origins_;  // of what was set, by canonical key
  std::set<std::string_view> faulty_;           // what was given and not taken, too
};

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

ReadSettings read_settings(const Sources& sources, Settings defaults) {
  Reader reader(std::move(defaults));
  reader.take_file(sources);
  reader.take_variables(sources.environment);
  reader.take_flags(sources.flags);
  return reader.finish();
}

}  // namespace loci::config
