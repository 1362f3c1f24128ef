#include "pg/embedded/postmaster.hpp"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <format>
#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <vector>

#include "pg/embedded/backoff.hpp"
#include "pg/embedded/files.hpp"
#include "pg/embedded/process.hpp"
#include "pg/embedded/process_list.hpp"
#include "pg/embedded/settings.hpp"

namespace loci::pg::embedded {
namespace {

using namespace std::chrono_literals;

PGPing ask(const Folder& folder, uid_t server_uid) {
  return ::PQping((folder.dsn(server_uid, "postgres", "postgres") + " connect_timeout=3").c_str());
}

void end_processes(const Folder& folder, uid_t server_uid) {
  for (const ServerProcess& process : list_processes(folder, server_uid)) {
    const RunningProcess held(process.pid);
    const auto still = list_processes(folder, server_uid);  // the id is held: it is still the same
    if (std::ranges::find(still, process.pid, &ServerProcess::pid) != still.end()) {
      held.signal(SIGKILL);
    }
  }
}

bool wait_all_gone(const Folder& folder, uid_t server_uid, Deadline deadline) {
  for (Backoff backoff; !list_processes(folder, server_uid).empty(); backoff.wait()) {
    if (deadline.passed()) return false;
  }
  return true;
}

// PostgreSQL takes a process id in its lock files for a live server when any process of that user
// has it by now, or a zombie. We know better: no process of this server exists.
void remove_misleading_lock(const std::filesystem::path& lock) {
  const auto text = read_file(lock);
  if (!text) return;
  const std::string pid = text->substr(0, text->find('\n'));
  if (!pid.empty() && owner_of("/proc/" + pid)) std::filesystem::remove(lock);
}

// The log of a short-lived server is not emptied by the server, which seldom runs at midnight.
void remove_old_logs(const Folder& folder) {
  const auto now = std::filesystem::file_time_type::clock::now();
  for (const auto& entry : std::filesystem::directory_iterator(folder.log())) {
    std::error_code ignored;
    const bool file = entry.symlink_status(ignored).type() == std::filesystem::file_type::regular;
    if (file && now - entry.last_write_time(ignored) > 6 * 24h) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

void start(const Folder& folder, const Identity& who, bool throwaway,
           const std::filesystem::path& programs) {
  make_server_folders(folder, who);
  write_settings(folder, who, throwaway);
  remove_old_logs(folder);
  remove_misleading_lock(folder.data() / "postmaster.pid");
  remove_misleading_lock(folder.socket_dir(who.uid) / ".s.PGSQL.5432.lock");
  log::info("embedded server: starting");
  launch({.program = programs / "postgres",
          .arguments = {"-D", folder.data().string(), "-c", cluster_argument(folder)}},
         who, folder.startup_log());
}

[[noreturn]] void give_up(const Folder& folder, const std::string& what) {
  std::string said = tail(folder.startup_log(), 2000);
  while (said.ends_with('\n')) said.pop_back();
  throw Error(ErrorKind::io,
              std::format("the server in {} {}; its log ({}): {}", folder.root().string(), what,
                          folder.log().string(), said.empty() ? "nothing" : said));
}

// After kill -9 of the server: a process on its way out has no command line any more, and still
// holds the shared memory for a moment.
bool is_held_by_the_dying(const Folder& folder) {
  return tail(folder.startup_log(), 2000).contains("pre-existing shared memory block");
}

}  // namespace

std::optional<pid_t> find_server(const Folder& folder, uid_t server_uid) {
  for (const ServerProcess& process : list_processes(folder, server_uid)) {
    if (process.postmaster) return process.pid;
  }
  return std::nullopt;
}

bool answers(const Folder& folder, uid_t server_uid) {
  return ask(folder, server_uid) == PQPING_OK;
}

void ensure_running(const Folder& folder, const Identity& who, bool throwaway,
                    const std::function<std::filesystem::path()>& programs, Deadline deadline) {
  constexpr auto orphan_patience = 2s;
  bool started = false;
  std::optional<Deadline> orphans_end;
  for (Backoff backoff;; backoff.wait()) {
    const PGPing state = ask(folder, who.uid);
    if (state == PQPING_OK) return;
    if (state == PQPING_NO_RESPONSE) {
      const auto processes = list_processes(folder, who.uid);
      if (processes.empty()) {
        if (started && !is_held_by_the_dying(folder)) give_up(folder, "did not start");
        start(folder, who, throwaway, programs());
        started = true;
        backoff = {};
      } else if (std::ranges::none_of(processes, &ServerProcess::postmaster)) {
        if (!orphans_end) orphans_end = Deadline::after(orphan_patience);
        if (orphans_end->passed()) end_processes(folder, who.uid);
      }
    }
    if (deadline.passed()) {
      give_up(folder, state == PQPING_REJECT ? "is still recovering; allow it more time"
                                             : "does not answer");
    }
  }
}

bool stop_server(const Folder& folder, const Identity& who, StopMode mode) {
  const auto pid = find_server(folder, who.uid);
  if (pid) {
    const RunningProcess server(*pid);
    if (find_server(folder, who.uid) == pid) {  // the id is held now, and still the server's
      log::info("embedded server: stopping");
      if (mode == StopMode::fast) {
        server.signal(SIGINT);
        if (!server.wait_end(Deadline::after(60s))) {
          log::warn("embedded server: does not stop; forcing it");
        }
      }
      server.signal(SIGQUIT);
      (void)server.wait_end(Deadline::after(10s));
    }
  }
  if (!wait_all_gone(folder, who.uid, Deadline::after(2s))) {
    end_processes(folder, who.uid);
    if (!wait_all_gone(folder, who.uid, Deadline::after(10s))) {
      throw Error(ErrorKind::io, "the server in " + folder.root().string() + " does not stop");
    }
  }
  const std::filesystem::path socket = folder.socket_dir(who.uid);
  if (socket.parent_path() != folder.root()) {
    std::error_code ignored;
    if (mode == StopMode::immediate) std::filesystem::remove_all(socket, ignored);
    std::filesystem::remove(socket, ignored);  // only when empty
  }
  return pid.has_value();
}

}  // namespace loci::pg::embedded
