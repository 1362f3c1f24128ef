#include "sqlgen/git_files.hpp"

#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

extern char** environ;

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

/// Runs git without a shell, in `folder`. Its standard output, or nothing when it says no.
std::optional<std::string> git(const fs::path& folder, std::vector<std::string> words) {
  words.insert(words.begin(), {"git", "-C", folder.string()});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(ErrorKind::io, "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failure = ::posix_spawnp(&pid, "git", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);

  std::string output;
  std::array<char, 65536> buffer{};
  for (ssize_t count = 1; failure == 0 && count != 0;) {
    count = ::read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR) break;
    if (count > 0) output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  if (failure != 0) throw Error(ErrorKind::io, "cannot run git");
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return output;
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

  // A slash behind a folder's name lists what is in it.
  const bool is_file = whole.extension() == ".sql";
  const std::string wanted = is_file || inside == "." ? inside : inside + "/";
  std::vector<std::string> listing = {"ls-tree", "-z", "--name-only", hash};
  if (wanted != ".") listing.insert(listing.end(), {"--", wanted});
  std::vector<std::string> names = split(git(root, std::move(listing)).value_or(""));
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".sql"); });
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
