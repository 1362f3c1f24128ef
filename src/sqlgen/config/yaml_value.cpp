#include "sqlgen/config/yaml_value.hpp"

#include "base/nearest.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <fstream>
#include <span>

namespace loci::sqlgen {
namespace {

constexpr std::size_t k_largest = 1024 * 1024;

[[noreturn]] void refuse_at(const std::string& path, const YAML::Mark& mark,
                            const std::string& why) {
  std::string place = path;
  if (!mark.is_null()) {
    place += ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  }
  throw Error(ErrorKind::configuration, place + ": " + why);
}

std::string quoted(std::string_view key) {
  return "`" + std::string(key) + "`";
}

}  // namespace

std::string read_yaml_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(k_largest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) {
    throw Error(ErrorKind::configuration, path + ": the file cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > k_largest) throw Error(ErrorKind::configuration, path + ": over 1 MB");
  return text;
}

YamlValue YamlValue::parse(const std::string& path, const std::string& text) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {  // its own message may quote the file
    refuse_at(path, error.mark, "this is not YAML, or nested too deeply");
  }
  if (documents.size() != 1) throw Error(ErrorKind::configuration, path + ": holds no settings");
  return {path, documents[0], documents[0].Mark()};
}

void YamlValue::refuse(const std::string& why) const {
  refuse_at(path_, mark_, why);
}

std::string YamlValue::text(std::string_view key) const {
  if (!given() || !node_.IsScalar()) refuse(quoted(key) + " takes a text");
  return node_.Scalar();
}

bool YamlValue::flag(std::string_view key) const {
  bool value = false;
  if (!given() || !YAML::convert<bool>::decode(node_, value)) {
    refuse(quoted(key) + " takes true or false");
  }
  return value;
}

std::size_t YamlValue::count(std::string_view key) const {
  int value = 0;
  if (!given() || !node_.IsScalar() || !YAML::convert<int>::decode(node_, value) || value < 0) {
    refuse(quoted(key) + " takes a whole number of 0 or more");
  }
  return static_cast<std::size_t>(value);
}

std::vector<YamlValue> YamlValue::list(std::string_view key) const {
  if (!is_list()) refuse(quoted(key) + " takes a list");
  std::vector<YamlValue> values;
  for (const YAML::Node& item : node_) values.push_back(inside(item));
  return values;
}

std::vector<std::string> YamlValue::texts(std::string_view key) const {
  if (!is_list()) return {text(key)};
  std::vector<std::string> values;
  for (const YamlValue& item : list(key)) values.push_back(item.text(key));
  return values;
}

std::map<std::string, YamlValue> YamlValue::entries(std::string_view key) const {
  if (!node_.IsMap()) refuse(quoted(key) + " takes names and values");
  std::map<std::string, YamlValue> values;
  for (const auto& entry : node_) {
    const YamlValue name = inside(entry.first);
    if (!entry.first.IsScalar()) name.refuse("a key is a plain word");
    const YamlValue value(path_, entry.second,
                          entry.second.IsNull() ? entry.first.Mark() : entry.second.Mark());
    if (!values.emplace(entry.first.Scalar(), value).second) name.refuse("this key is here twice");
  }
  return values;
}

std::map<std::string, YamlValue> YamlValue::map(
    std::string_view key, std::initializer_list<std::string_view> keys) const {
  std::map<std::string, YamlValue> values = entries(key);
  for (const auto& entry : node_) {
    const std::string& name = entry.first.Scalar();
    if (std::ranges::contains(keys, name)) continue;
    inside(entry.first)
        .refuse("there is no such key in " + std::string(key) + "; the nearest is " +
                quoted(nearest(name, std::span(keys.begin(), keys.size()))));
  }
  for (const std::string_view name : keys) {
    values.emplace(name, YamlValue(path_, YAML::Node(YAML::NodeType::Undefined), mark_));
  }
  return values;
}

}  // namespace loci::sqlgen
