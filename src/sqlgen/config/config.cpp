#include "sqlgen/config/config.hpp"

#include "sqlgen/config/emit_settings.hpp"
#include "sqlgen/config/yaml_value.hpp"
#include "sqlgen/source_files.hpp"

#include <algorithm>
#include <cstdlib>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

/// `${NAME}` from the environment, as sqlc does it.
std::string expanded(const YamlValue& value) {
  const std::string text = value.text("uri");
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = text.find("${", at);
    out += text.substr(at, begin - at);
    if (begin == std::string::npos) return out;
    const std::size_t end = text.find('}', begin);
    if (end == std::string::npos) value.refuse("`uri` has a ${ without its }");
    const std::string name = text.substr(begin + 2, end - begin - 2);
    const char* const variable = std::getenv(name.c_str());
    if (variable == nullptr) value.refuse("`uri` names ${" + name + "}, which is not set");
    out += variable;
    at = end + 1;
  }
}

class ConfigReader {
public:
  explicit ConfigReader(const fs::path& file) : folder_(file.parent_path()) { config_.file = file; }

  Config run() {
    text_ = read_yaml_text(config_.file.string());
    const YamlValue root = YamlValue::parse(config_.file.string(), text_);
    check_version(root);  // first: the other version has other keys
    auto top = root.map("the file", {"version", "sql", "rules", "overrides", "cloud", "plugins",
                                     "servers", "options"});
    if (top.at("rules").given()) read_rules(top.at("rules"));
    if (top.at("overrides").given()) {
      const auto generators = top.at("overrides").entries("overrides");
      const auto cpp = generators.find("cpp");
      if (cpp != generators.end()) shared_ = read_shared_emit_settings(cpp->second);
    }
    if (!top.at("sql").given()) root.refuse("`sql` is missing: the list of queries and schemas");
    const std::vector<YamlValue> sets = top.at("sql").list("sql");
    for (const YamlValue& set : sets) read_set(set);
    if (config_.sets.empty()) refuse_without_cpp(sets.empty() ? top.at("sql") : sets.front());
    return std::move(config_);
  }

private:
  static void check_version(const YamlValue& root) {
    const auto keys = root.entries("the file");
    const auto version = keys.find("version");
    if (version == keys.end()) root.refuse("`version: \"2\"` is missing");
    if (version->second.text("version") != "2") {
      version->second.refuse(
          "`version` must be \"2\": sqlc's newer format, with a list named `sql`");
    }
  }

  [[noreturn]] static void refuse_without_cpp(const YamlValue& place) {
    place.refuse(
        "nothing here is for C++; add to the queries that you want\n"
        "    gen:\n"
        "      cpp:\n"
        "        out: src/queries        # folder of the headers\n"
        "        namespace: app::queries");
  }

  void read_rules(const YamlValue& rules) {
    for (const YamlValue& item : rules.list("rules")) {
      auto rule = item.map("rules", {"name", "message", "sql", "rule"});
      CustomRule made{.name = rule.at("name").text("name"), .message = {}, .sql = {}};
      if (rule.at("message").given()) made.message = rule.at("message").text("message");
      if (rule.at("sql").given()) made.sql = rule.at("sql").text("sql");
      config_.rules.push_back(std::move(made));
    }
  }

  void read_set(const YamlValue& item) {
    auto set =
        item.map("sql", {"name", "engine", "schema", "queries", "database", "gen", "rules", "vet",
                         "codegen", "analyzer", "strict_function_checks", "strict_order_by"});
    if (!set.at("gen").given()) return;
    const auto generators = set.at("gen").entries("gen");
    const auto cpp = generators.find("cpp");
    if (cpp == generators.end()) return;

    QuerySet made;
    if (set.at("name").given()) made.name = set.at("name").text("name");
    const YamlValue& engine = set.at("engine");
    if (!engine.given()) item.refuse("`engine: postgresql` is missing");
    if (engine.text("engine") != "postgresql") {
      engine.refuse("loci-sqlgen works with `engine: postgresql` alone: it asks a PostgreSQL");
    }
    if (set.at("schema").given()) made.schema = paths(set.at("schema"), "schema");
    if (!set.at("queries").given()) item.refuse("`queries` is missing: a path, or a list of them");
    made.queries = paths(set.at("queries"), "queries");
    if (set.at("rules").given()) made.rules = set.at("rules").texts("rules");
    if (set.at("vet").given()) read_vet(set.at("vet"), made);
    read_database(item, set.at("database"), made);
    made.settings = text_ + "#" + std::to_string(config_.sets.size());
    made.emit = shared_;
    made.out = (folder_ / read_emit_settings(cpp->second, made.emit) / "").lexically_normal();
    made.out = made.out.parent_path();  // `gen` and `gen/` are one folder
    if (std::ranges::contains(config_.sets, made.out, &QuerySet::out)) {
      cpp->second.refuse("`out` is the folder of other queries, whose headers would be removed");
    }
    config_.sets.push_back(std::move(made));
  }

  static void read_vet(const YamlValue& vet, QuerySet& set) {
    auto keys = vet.map("vet", {"large_tables"});
    if (keys.at("large_tables").given()) {
      set.large_tables = keys.at("large_tables").texts("large_tables");
    }
  }

  static void read_database(const YamlValue& item, const YamlValue& database, QuerySet& set) {
    if (database.given()) {
      auto keys = database.map("database", {"uri", "managed"});
      // With files there, the database is sqlc's own business, and its variables need not be set.
      if (set.schema.empty() && keys.at("uri").given()) set.database_uri = expanded(keys.at("uri"));
    }
    if (set.schema.empty() && set.database_uri.empty()) {
      item.refuse("`schema` is missing: paths of SQL files, or `database: {uri: ...}`");
    }
  }

  std::vector<fs::path> paths(const YamlValue& value, std::string_view key) const {
    std::vector<fs::path> found;
    for (const std::string& text : value.texts(key)) {
      const fs::path& path = found.emplace_back((folder_ / text).lexically_normal());
      const bool pattern = is_pattern(path);
      if (pattern ? matches_of(path).empty() : !fs::exists(path)) {
        value.refuse("`" + std::string(key) +
                     (pattern ? "`: nothing matches " : "`: there is no ") + path.string());
      }
    }
    if (found.empty()) value.refuse("`" + std::string(key) + "` takes a path, or a list of them");
    return found;
  }

  fs::path folder_;
  std::string text_;
  EmitOptions shared_;
  Config config_;
};

}  // namespace

std::optional<fs::path> find_config(fs::path folder) {
  const fs::path start = fs::absolute(folder).lexically_normal();
  std::ptrdiff_t levels = std::distance(start.begin(), start.end());
  for (; levels > 0; --levels) {
    fs::path file = (folder / config_name).lexically_normal();
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
    folder /= "..";
  }
  return std::nullopt;
}

Config read_config(const fs::path& file) {
  return ConfigReader(file).run();
}

}  // namespace loci::sqlgen
