#pragma once
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <loci/base/deadline.hpp>
#include <optional>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/identity.hpp"

/// The running server of a folder. Whoever starts or stops it holds the folder's `server.lock`.
namespace loci::pg::embedded {

/// The id of the folder's server process; nullopt when none runs (a recorded id that now is another
/// program's does not count).
[[nodiscard]] std::optional<pid_t> find_server(const Folder& folder, uid_t server_uid);

/// True when a connection can be made now.
[[nodiscard]] bool answers(const Folder& folder, uid_t server_uid);

/// Returns once the server accepts connections: at once when it does, else after starting it.
/// Processes that a killed server left behind are waited for, and ended when they do not go.
/// `programs` gives the folder of PostgreSQL's programs; asked only when needed.
/// Errors: io, when it ends or does not answer by the deadline, with the last lines of its log.
void ensure_running(const Folder& folder, const Identity& who, bool throwaway,
                    const std::function<std::filesystem::path()>& programs, Deadline deadline);

enum class StopMode {
  fast,       ///< Ends all sessions and writes everything: the next start has nothing to recover.
  immediate,  ///< Ends at once; for data that is thrown away.
};

/// Stops the server and waits until all its processes are gone. False when none was running.
/// Errors: io.
bool stop_server(const Folder& folder, const Identity& who, StopMode mode);

}  // namespace loci::pg::embedded
