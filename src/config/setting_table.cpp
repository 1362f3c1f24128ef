#include "config/setting_table.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "base/nearest.hpp"
#include "config/sections.hpp"

namespace loci::config {

namespace {

struct Table {
  Table() {
    for (const auto section :
         {postgres_settings(), pool_settings(), cache_settings(), migration_settings(),
          vector_settings(), monitoring_settings(), embedder_settings()}) {
      settings.insert(settings.end(), section.begin(), section.end());
    }
    for (const Setting& setting : settings) {
      keys.push_back(setting.key);
      for (std::size_t dot = setting.key.find('.'); dot != std::string_view::npos;
           dot = setting.key.find('.', dot + 1)) {
        sections.insert(setting.key.substr(0, dot));
      }
    }
    keys.insert(keys.end(), sections.begin(), sections.end());
  }
  std::vector<Setting> settings;
  std::set<std::string_view> sections;
  std::vector<std::string_view> keys;  // of both
};

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

const Table& table() {
  static const Table made;
  return made;
}

}  // namespace

std::string derived_variable(std::string_view key) {
  std::string name = "LOCI_";
  for (const char c : key) {
    name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::span<const Setting> setting_table() {
  return table().settings;
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(table().settings, key, &Setting::key);
  return found == table().settings.end() ? nullptr : &*found;
}

bool is_section(std::string_view key) {
  return table().sections.contains(key);
}

std::string_view nearest_key(std::string_view key) {
  std::vector<std::string_view> namesakes;
  std::ranges::copy_if(table().keys, std::back_inserter(namesakes), [key](std::string_view known) {
    return last_part(known) == last_part(key);
  });
  return nearest(key, namesakes.empty() ? table().keys : namesakes);
}

}  // namespace loci::config
