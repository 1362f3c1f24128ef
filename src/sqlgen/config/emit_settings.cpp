#include "sqlgen/config/emit_settings.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <utility>

namespace loci::sqlgen {
namespace {

void set_flag(const YamlValue& value, std::string_view key, bool& option) {
  if (value.given()) option = value.flag(key);
}

TypeOverride read_override(const YamlValue& item) {
  auto keys = item.map("overrides", {"db_type", "column", "cpp_type", "nullable", "engine"});
  TypeOverride made;
  if (keys.at("db_type").given()) made.db_type = keys.at("db_type").text("db_type");
  if (keys.at("column").given()) made.column = keys.at("column").text("column");
  if (made.db_type.empty() == made.column.empty()) {
    item.refuse("an override is for a `db_type` or for a `column`");
  }
  // It holds for columns that may be NULL and for those that may not, whatever `nullable` says.
  if (keys.at("nullable").given()) (void)keys.at("nullable").flag("nullable");
  const YamlValue& cpp_type = keys.at("cpp_type");
  if (!cpp_type.given()) item.refuse("`cpp_type` is missing");
  if (cpp_type.is_text()) {
    made.type = made.codec = cpp_type.text("cpp_type");
    return made;
  }
  auto type = cpp_type.map("cpp_type", {"type", "include", "codec"});
  made.type = type.at("type").text("type");
  made.codec = type.at("codec").given() ? type.at("codec").text("codec") : made.type;
  if (type.at("include").given()) {
    made.header = type.at("include").text("include");
    const bool in_quotes = made.header.starts_with('"') || made.header.starts_with('<');
    if (!in_quotes) made.header = '"' + made.header + '"';
  }
  return made;
}

void read_overrides(const YamlValue& list, EmitOptions& options) {
  std::vector<TypeOverride> made;
  for (const YamlValue& item : list.list("overrides")) made.push_back(read_override(item));
  // Those of the part go before those of the whole file.
  options.overrides.insert(options.overrides.begin(), made.begin(), made.end());
}

void read_rename(const YamlValue& map, EmitOptions& options) {
  for (const auto& [name, value] : map.entries("rename")) {
    const std::string cpp_name = value.text("rename");
    if (!is_identifier(cpp_name)) value.refuse("`rename` takes names that C++ allows");
    options.rename.insert_or_assign(name, cpp_name);
  }
}

bool is_namespace(std::string_view name) {
  for (std::size_t at = 0;;) {
    const std::size_t end = name.find("::", at);
    if (!is_identifier(name.substr(at, end - at))) return false;
    if (end == std::string_view::npos) return true;
    at = end + 2;
  }
}

}  // namespace

EmitOptions read_shared_emit_settings(const YamlValue& cpp) {
  auto keys = cpp.map("overrides.cpp", {"rename", "overrides"});
  EmitOptions options;
  if (keys.at("rename").given()) read_rename(keys.at("rename"), options);
  if (keys.at("overrides").given()) read_overrides(keys.at("overrides"), options);
  for (TypeOverride& mine : options.overrides) mine.shared = true;
  return options;
}

std::filesystem::path read_emit_settings(const YamlValue& cpp, EmitOptions& options) {
  auto keys = cpp.map("gen.cpp",
                      {"out", "namespace", "emit_json", "emit_interface", "emit_exact_table_names",
                       "emit_all_enum_values", "query_parameter_limit", "rename", "overrides"});
  if (!keys.at("out").given()) cpp.refuse("`out` is missing: the folder of the headers");
  options.name_space = "queries";
  if (keys.at("namespace").given()) {
    options.name_space = keys.at("namespace").text("namespace");
    if (!is_namespace(options.name_space)) {
      keys.at("namespace").refuse("`namespace` takes a C++ namespace, such as app::queries");
    }
  }
  set_flag(keys.at("emit_json"), "emit_json", options.emit_json);
  set_flag(keys.at("emit_interface"), "emit_interface", options.emit_interface);
  set_flag(keys.at("emit_exact_table_names"), "emit_exact_table_names",
           options.emit_exact_table_names);
  set_flag(keys.at("emit_all_enum_values"), "emit_all_enum_values", options.emit_all_enum_values);
  if (keys.at("query_parameter_limit").given()) {
    options.query_parameter_limit = keys.at("query_parameter_limit").count("query_parameter_limit");
  }
  if (keys.at("rename").given()) read_rename(keys.at("rename"), options);
  if (keys.at("overrides").given()) read_overrides(keys.at("overrides"), options);
  return keys.at("out").text("out");
}

}  // namespace loci::sqlgen
