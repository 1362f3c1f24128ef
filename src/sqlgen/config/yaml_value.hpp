#pragma once
#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// What a file of 1 MB at most holds. Errors: configuration, when it is larger or cannot be read.
[[nodiscard]] std::string read_yaml_text(const std::string& path);

/// A value of a YAML file, and where it stands. Every reader refuses what does not fit with
/// Error{configuration}, `file:line:column: what is wanted`; values are never repeated, since they
/// may be secrets. `key` is what the value is called in such a message.
class YamlValue {
public:
  /// `text` is one document, and `path` the file it was read from.
  [[nodiscard]] static YamlValue parse(const std::string& path, const std::string& text);

  /// Whether it is there, and not null.
  [[nodiscard]] bool given() const { return node_.IsDefined() && !node_.IsNull(); }
  [[nodiscard]] bool is_list() const { return node_.IsSequence(); }
  [[nodiscard]] bool is_text() const { return node_.IsScalar(); }

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::size_t count(std::string_view key) const;
  [[nodiscard]] std::vector<YamlValue> list(std::string_view key) const;
  /// One text, or a list of them.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  /// Any keys, each once.
  [[nodiscard]] std::map<std::string, YamlValue> entries(std::string_view key) const;
  /// The same with these keys alone; another one is refused, and the nearest named. Those that the
  /// map lacks are there as values that are not given().
  [[nodiscard]] std::map<std::string, YamlValue> map(
      std::string_view key, std::initializer_list<std::string_view> keys) const;

  [[noreturn]] void refuse(const std::string& why) const;

private:
  YamlValue(std::string path, const YAML::Node& node, const YAML::Mark& mark)
      : path_(std::move(path)), node_(node), mark_(mark) {}
  YamlValue inside(const YAML::Node& node) const { return {path_, node, node.Mark()}; }

  std::string path_;
  YAML::Node node_;
  YAML::Mark mark_;  ///< Of the value, or of what should hold it.
};

}  // namespace loci::sqlgen
