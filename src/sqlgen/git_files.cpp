#include "sqlgen/git_files.hpp"

#include "sqlgen/program_output.hpp"
#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

/// What git says, in `folder`; nothing when it says no.
std::optional<std::string> git(const fs::path& folder, std::vector<std::string> words) {
  words.insert(words.begin(), {"git", "-C", folder.string()});
  return output_of({.words = std::move(words)});
}

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> found;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find('\0'), names.size());
    found.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return found;
}

/// The files in a folder of the commit, the file itself, or those that a pattern matches or that
/// are in a folder which it matches.
std::vector<std::string> names_in(const fs::path& root, const std::string& hash,
                                  const std::string& inside, bool pattern) {
  std::vector<std::string> listing = {"ls-tree", "-z", "--name-only", hash};
  if (pattern) {
    listing.insert(listing.begin() + 1, "-r");
  } else if (inside != ".") {
    // A slash behind a folder's name lists what is in it.
    listing.insert(listing.end(), {"--", inside.ends_with(".sql") ? inside : inside + "/"});
  }
  std::vector<std::string> names = split(git(root, std::move(listing)).value_or(""));
  const auto matches = [&](const std::string& name) {
    return ::fnmatch(inside.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  };
  if (pattern) {
    std::erase_if(names, [&](const std::string& name) {
      return !matches(name) && !matches(fs::path(name).parent_path().string());
    });
  }
  return names;
}

/// The nearest folder above `path` that is there now; the one it was in may be gone.
fs::path standing(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::is_directory(path, ignored)) path = path.parent_path();
  return path.empty() ? fs::path(".") : path;
}

}  // namespace

std::vector<SourceFile> read_sources_of_commit(const std::string& ref, const fs::path& path) {
  const fs::path whole = fs::weakly_canonical(path);
  const fs::path folder = standing(whole);
  const auto commit =
      git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"});
  const auto top = git(folder, {"rev-parse", "--show-toplevel"});
  if (!commit || !top) {
    throw Error(ErrorKind::configuration, ref + " is neither a folder nor a commit of the " +
                                              "repository that " + path.string() + " is in");
  }
  const std::string hash = commit->substr(0, commit->find('\n'));
  const fs::path root = top->substr(0, top->find('\n'));
  const std::string inside = whole.lexically_relative(fs::canonical(root)).generic_string();

  std::vector<std::string> names = names_in(root, hash, inside, is_pattern(path));
  std::erase_if(names, [](const std::string& name) { return !is_sql_file(name); });
  std::ranges::sort(names, naturally_before);
  std::vector<SourceFile> files;
  for (const std::string& name : names) {
    auto text = git(root, {"cat-file", "blob", hash + ":" + name});
    if (!text) throw Error(ErrorKind::io, "git cannot read " + name + " of " + ref);
    files.push_back({fs::path(name).filename().string(), ref + ":" + name, to_storable(*text)});
  }
  if (files.empty()) {
    throw Error(ErrorKind::configuration, "there is no .sql in " + path.string() + " at " + ref);
  }
  return files;
}

}  // namespace loci::sqlgen
