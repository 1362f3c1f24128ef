#include "pg/embedded/process_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "pg/embedded/files.hpp"

namespace loci::pg::embedded {
namespace {

std::optional<pid_t> process_id(const std::filesystem::path& entry) {
  const std::string name = entry.filename().string();
  pid_t pid = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return pid;
}

// Empty for a zombie, and for a process that ended while we looked.
std::string command_line(const std::filesystem::path& entry) {
  try {
    return read_file(entry / "cmdline").value_or("");
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

std::string cluster_argument(const Folder& folder) {
  return "cluster_name=" + folder.cluster_name();
}

std::vector<ServerProcess> list_processes(const Folder& folder, uid_t server_uid) {
  using namespace std::string_literals;
  const std::string argument = "\0"s + cluster_argument(folder) + "\0"s;
  const std::string title = "postgres: " + folder.cluster_name() + ":";

  std::vector<ServerProcess> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = process_id(entry.path());
    if (!pid || owner_of(entry.path()) != server_uid) continue;
    const std::string line = command_line(entry.path());
    const bool postmaster = line.contains(argument);
    if (postmaster || line.starts_with(title)) found.push_back({*pid, postmaster});
  }
  std::ranges::sort(found, {}, &ServerProcess::pid);
  return found;
}

}  // namespace loci::pg::embedded
