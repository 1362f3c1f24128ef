#include "schema/migration_files.hpp"

#include <loci/base/error.hpp>

#include <xxhash.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <format>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace loci::schema {
namespace {

namespace fs = std::filesystem;

struct Name {
  std::int64_t version;
  std::string name;
  bool up;
};

Name parse_name(std::string_view file) {
  const auto refuse = [&] {
    return Error(ErrorKind::configuration,
                 "migration " + std::string(file) +
                     ": a file is named NNNN_name.up.sql or NNNN_name.down.sql");
  };
  std::string_view stem = file;
  const bool up = stem.ends_with(".up.sql");
  if (!up && !stem.ends_with(".down.sql")) throw refuse();
  stem.remove_suffix(up ? 7 : 9);
  Name name{0, {}, up};
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), name.version);
  if (error != std::errc() || end == stem.data() + stem.size() || *end != '_' || name.version < 1) {
    throw refuse();
  }
  name.name = std::string(end + 1, stem.data() + stem.size());
  if (name.name.empty()) throw refuse();
  return name;
}

// Line ends do not count: a checkout on another system must not look like a changed migration.
std::string checksum(std::string_view text) {
  std::string normalised;
  std::ranges::copy_if(text, std::back_inserter(normalised), [](char c) { return c != '\r'; });
  const XXH128_hash_t hash = XXH3_128bits(normalised.data(), normalised.size());
  return std::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::vector<Migration> assemble(std::span<const MigrationFile> files) {
  std::map<std::int64_t, Migration> found;
  std::set<std::pair<std::int64_t, bool>> sides;  // 1_a and 0001_a are the same step
  for (const MigrationFile& file : files) {
    const Name name = parse_name(file.name);
    Migration& migration = found[name.version];
    const bool other_name = !migration.name.empty() && migration.name != name.name;
    if (other_name || !sides.emplace(name.version, name.up).second) {
      throw Error(ErrorKind::configuration, "migration " + std::string(file.name) + ": version " +
                                                std::to_string(name.version) + " is also " +
                                                migration.name);
    }
    migration.version = name.version;
    migration.name = name.name;
    (name.up ? migration.up : migration.down) = file.text;
    if (name.up) migration.checksum = checksum(file.text);
  }
  std::vector<Migration> ordered;
  for (auto& [version, migration] : found) {
    if (migration.checksum.empty()) {
      throw Error(ErrorKind::configuration, "migration " + std::to_string(version) + "_" +
                                                migration.name + ": the .up.sql file is missing");
    }
    ordered.push_back(std::move(migration));
  }
  return ordered;
}

const std::vector<Migration>& built_in_migrations() {
  static const std::vector<Migration> migrations = assemble(built_in_files());
  return migrations;
}

std::vector<Migration> load_migrations(const fs::path& folder) {
  std::error_code error;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw Error(ErrorKind::io, "cannot read " + entry.path().string());
    texts.emplace_back(entry.path().filename().string(), std::move(text).str());
  }
  if (error) throw Error(ErrorKind::io, "cannot read " + folder.string() + ": " + error.message());
  std::vector<MigrationFile> files;
  files.reserve(texts.size());
  for (const auto& [name, text] : texts) files.push_back({name, text});
  return assemble(files);
}

}  // namespace loci::schema
