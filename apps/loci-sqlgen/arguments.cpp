#include "arguments.hpp"

#include "sqlgen/source_files.hpp"

namespace loci::sqlgen {
namespace {

/// CLI11 knows of paths, not of patterns.
std::string existing(const std::string& path) {
  const bool there = is_pattern(path) ? !matches_of(path).empty() : std::filesystem::exists(path);
  return there ? "" : "there is no " + path;
}

Config found_config(const std::string& named) {
  if (!named.empty()) return read_config(named);
  if (const auto nearest = find_config(".")) return read_config(*nearest);
  throw CLI::ValidationError("loci-sqlgen",
                             std::string("there is no ") + config_name +
                                 " here or above; `loci-sqlgen init` writes one, -f names another "
                                 "(sqlc's own will do)");
}

}  // namespace

Config SetArguments::settings() const {
  if (schema.empty() != queries.empty()) {
    throw CLI::ValidationError("loci-sqlgen", "--schema and --queries go together");
  }
  Config settings;
  if (schema.empty()) {
    settings = found_config(config);
  } else {
    QuerySet set{.schema = schema, .queries = queries, .out = out};
    set.emit.name_space = name_space;
    set.settings = "namespace " + name_space;
    settings.sets.push_back(std::move(set));
  }
  if (out_root.empty()) return settings;
  // The folders' paths from the settings file, now from the root.
  const auto home = std::filesystem::absolute(config).parent_path();
  for (QuerySet& set : settings.sets) {
    set.out = out_root / std::filesystem::absolute(set.out).lexically_relative(home);
  }
  return settings;
}

void add_set_arguments(CLI::App& command, SetArguments& arguments, bool writes) {
  auto* config = command.add_option("-f,--config", arguments.config,
                                    "Settings file (default: loci-sqlgen.yaml, here or above)");
  auto* schema =
      command
          .add_option("--schema", arguments.schema,
                      "Files, folders or patterns of SQL or migrations, without a settings file")
          ->excludes(config)
          ->check(existing);
  command.add_option("--queries", arguments.queries, "Files, folders or patterns of queries")
      ->excludes(config)
      ->check(existing);
  if (!writes) return;
  auto* out =
      command.add_option("--out", arguments.out, "Folder for the headers")->excludes(config);
  schema->needs(out);
  command.add_option("--namespace", arguments.name_space, "Namespace of the generated structs")
      ->excludes(config)
      ->capture_default_str();
  command
      .add_option("--out-root", arguments.out_root,
                  "Take `out` of the settings file from here, not from the file's folder")
      ->needs(config);
}

}  // namespace loci::sqlgen
