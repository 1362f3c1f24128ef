#include "schema/migration_files.hpp"

#include <loci/base/error.hpp>

#include "schema/checksum.hpp"
#include "schema/migration_text.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace loci::schema {
namespace {

namespace fs = std::filesystem;

enum class Form : std::uint8_t { up, down, both, repeatable };

struct Name {
  std::int64_t version;
  std::string name;
  Form form;
};

Name parse_name(std::string_view file) {
  const auto refuse = [&] {
    return Error(ErrorKind::configuration,
                 "migration " + std::string(file) +
                     ": a file is named NNNN_name.up.sql, NNNN_name.down.sql, NNNN_name.sql or "
                     "R__name.sql");
  };
  std::string_view stem = file;
  Form form = Form::both;
  const auto take_end = [&](std::string_view ending, Form means) {
    if (!stem.ends_with(ending)) return false;
    stem.remove_suffix(ending.size());
    form = means;
    return true;
  };
  if (!take_end(".up.sql", Form::up) && !take_end(".down.sql", Form::down) &&
      !take_end(".sql", Form::both)) {
    throw refuse();
  }
  Name name{0, {}, form};
  if (stem.starts_with("R__") && form == Form::both) {
    name.form = Form::repeatable;
    name.name = std::string(stem.substr(3));
  } else {
    const char* const last = stem.data() + stem.size();
    const auto [end, error] = std::from_chars(stem.data(), last, name.version);
    if (error != std::errc() || end == last || *end != '_' || name.version < 1) throw refuse();
    name.name = std::string(end + 1, last);
  }
  if (name.name.empty()) throw refuse();
  return name;
}

std::string_view without_blank_ends(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// Some editors put a mark of UTF-8 before a text; the server takes it for a part of the first
/// word.
std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

/// What one file says of its migration.
Migration read_file(const MigrationFile& file, const Name& name) {
  const std::string_view text = without_mark(file.text);
  Migration part{.version = name.version, .name = name.name, .file = std::string(file.name)};
  if (name.form == Form::up || name.form == Form::repeatable) {
    part.up = text;
    part.checksum = checksum(part.up);
  } else if (name.form == Form::down) {
    part.down = text;
  } else {
    try {
      MigrationText texts = split_directions(text);
      part.up = std::move(texts.up);
      part.down = std::move(texts.down);
    } catch (const Error& error) {
      throw error.with_context("migration " + std::string(file.name));
    }
    // The way back may be mended later, and then other lines are blank.
    part.checksum = checksum(without_blank_ends(part.up));
  }
  return part;
}

/// Puts the two sides of a version together. Errors: Error{configuration}: they do not fit.
void join(Migration& known, Migration part, std::string_view file) {
  const bool other_name = !known.name.empty() && known.name != part.name;
  const bool twice = (!part.checksum.empty() && !known.checksum.empty()) ||
                     (!part.down.empty() && !known.down.empty());
  if (other_name || twice) {
    throw Error(ErrorKind::configuration, "migration " + std::string(file) + ": version " +
                                              std::to_string(part.version) + " is also " +
                                              known.name);
  }
  if (!part.down.empty()) known.down = std::move(part.down);
  known.version = part.version;
  known.name = std::move(part.name);
  if (part.checksum.empty()) return;
  known.up = std::move(part.up);
  known.checksum = std::move(part.checksum);
  known.file = std::move(part.file);
}

}  // namespace

std::vector<Migration> assemble(std::span<const MigrationFile> files) {
  std::map<std::int64_t, Migration> versions;
  std::map<std::string, Migration> repeatable;
  for (const MigrationFile& file : files) {
    const std::size_t folder = file.name.find_last_of('/') + 1;  // npos + 1 is 0
    const Name name = parse_name(file.name.substr(folder));
    Migration part = read_file(file, name);
    if (name.form == Form::repeatable) {
      repeatable[name.name] = std::move(part);
    } else {
      join(versions[name.version], std::move(part), file.name);
    }
  }
  std::vector<Migration> ordered;
  for (auto& [version, migration] : versions) {
    if (migration.checksum.empty()) {
      throw Error(ErrorKind::configuration, "migration " + std::to_string(version) + "_" +
                                                migration.name + ": the .up.sql file is missing");
    }
    ordered.push_back(std::move(migration));
  }
  for (auto& [name, migration] : repeatable) ordered.push_back(std::move(migration));
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
    texts.emplace_back(entry.path().string(), std::move(text).str());
  }
  if (error) throw Error(ErrorKind::io, "cannot read " + folder.string() + ": " + error.message());
  std::vector<MigrationFile> files;
  files.reserve(texts.size());
  for (const auto& [name, text] : texts) files.push_back({name, text});
  return assemble(files);
}

}  // namespace loci::schema
