#include "pg/embedded/throwaway.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <string>

#include "pg/embedded/files.hpp"
#include "pg/embedded/lock.hpp"
#include "pg/embedded/postmaster.hpp"

namespace loci::pg::embedded {
namespace {

using std::filesystem::path;

constexpr std::string_view k_prefix = "loci-";
constexpr std::size_t k_name_length = k_prefix.size() + 6;

path default_base(const Identity& who) {
  const char* const named = std::getenv("TMPDIR");
  const path base(named == nullptr ? "" : named);
  const bool usable = base.is_absolute() && std::filesystem::is_directory(base) &&
                      ::access(base.c_str(), W_OK) == 0 && !closed_folder(base, who);
  return usable ? base : path("/tmp");
}

// A folder without the mark is one whose maker is just at it, or was killed at that moment; it is
// empty but for its locks then, and goes after an hour.
void sweep_unmarked(const Folder& folder) {
  using namespace std::chrono_literals;
  const auto age = std::filesystem::file_time_type::clock::now() -
                   std::filesystem::last_write_time(folder.root());
  if (age < 1h || owner_of(folder.data()) || owner_of(folder.conf())) return;
  ::unlink(folder.users_lock().c_str());
  ::unlink(folder.server_lock().c_str());
  ::rmdir(folder.root().c_str());  // refuses when anything else is in it
}

void sweep_one(const path& root, const Identity& who) {
  const Folder folder(root);
  if (!owner_of(folder.throwaway())) return sweep_unmarked(folder);
  FileLock server(folder.server_lock());
  FileLock users(folder.users_lock());
  if (!server.try_exclusive() || !users.try_exclusive()) return;
  log::info("embedded server: removing a throw-away folder that was left behind");
  remove_throwaway(folder, who);
}

void sweep(const path& base, const Identity& who) {
  for (const auto& entry : std::filesystem::directory_iterator(base)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != k_name_length || !name.starts_with(k_prefix)) continue;
    std::error_code ignored;
    if (entry.symlink_status(ignored).type() != std::filesystem::file_type::directory) continue;
    if (owner_of(entry.path()) != ::geteuid()) continue;
    try {
      sweep_one(entry.path(), who);
    } catch (const std::exception& error) {  // somebody else may be sweeping it too
      log::debug(std::string("embedded server: not swept: ") + error.what());
    }
  }
}

}  // namespace

path make_throwaway(const path& base, const Identity& who) {
  const path parent = base.empty() ? default_base(who) : std::filesystem::absolute(base);
  std::error_code ignored;
  if (std::filesystem::is_directory(parent, ignored)) sweep(parent, who);
  std::string name = (parent / (std::string(k_prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) throw_errno("cannot make a folder in " + parent.string());
  if (who.switched && ::chmod(name.c_str(), 0711) != 0) throw_errno("cannot open " + name);
  return name;
}

void mark_throwaway(const Folder& folder) {
  write_file(folder.throwaway(), "Removed with its server.\n", 0600);
}

void remove_throwaway(const Folder& folder, const Identity& who) {
  stop_server(folder, who, StopMode::immediate);
  std::error_code failed;
  std::filesystem::remove_all(folder.root(), failed);
  if (failed) {
    throw Error(ErrorKind::io, "cannot remove " + folder.root().string() + ": " + failed.message());
  }
}

}  // namespace loci::pg::embedded
