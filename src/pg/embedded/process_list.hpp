#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "pg/embedded/folder.hpp"

namespace loci::pg::embedded {

/// One live process of a server.
struct ServerProcess {
  pid_t pid = 0;
  bool postmaster = false;  ///< Else one of its children. (A newborn child counts as postmaster.)
};

/// The argument of `postgres -c` by which its processes are known: children show the name in their
/// titles.
[[nodiscard]] std::string cluster_argument(const Folder& folder);

/// The live processes of the folder's server, its children's too when it is dead itself, oldest id
/// first. Zombies are not among them.
[[nodiscard]] std::vector<ServerProcess> list_processes(const Folder& folder, uid_t server_uid);

}  // namespace loci::pg::embedded
