#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <loci/base/deadline.hpp>
#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/quote.hpp>
#include <utility>

#include "pg/embedded/files.hpp"
#include "pg/embedded/folder.hpp"
#include "pg/embedded/init.hpp"
#include "pg/embedded/lock.hpp"
#include "pg/embedded/postmaster.hpp"
#include "pg/embedded/programs.hpp"
#include "pg/embedded/sql.hpp"
#include "pg/embedded/throwaway.hpp"

namespace loci::pg {
namespace {

using namespace embedded;
using std::filesystem::path;

constexpr std::chrono::minutes k_stop_patience{2};

path or_default(const path& data_dir) {
  return data_dir.empty() ? EmbeddedServer::default_data_dir() : data_dir;
}

// Who runs, or will run, the server of the folder at `root`.
Identity identity_of(const path& root) {
  return server_identity(owner_of(root / "postgres"));
}

}  // namespace

// One user of a server. Lets go of it when destroyed, and stops it when it was the last.
struct EmbeddedServer::State {
  State(Folder where, Identity runs_as, bool is_throwaway)
      : folder(std::move(where)),
        identity(std::move(runs_as)),
        throwaway(is_throwaway),
        users(folder.users_lock()) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (!joined || ::getpid() != owner) return;  // a forked child does not own what it inherited
    try {
      leave();
    } catch (const std::exception& error) {
      log::warn(std::string("embedded server: left behind: ") + error.what());
    }
  }

  // Needs `server.lock`.
  void join() {
    if (!users.try_shared()) {
      throw Error(ErrorKind::io, folder.users_lock().string() + " is locked by something else");
    }
    joined = true;
    if (throwaway) mark_throwaway(folder);
  }

  void leave() {
    FileLock server(folder.server_lock());
    server.lock_exclusive(Deadline::after(k_stop_patience));
    if (!users.try_exclusive()) return;
    if (throwaway) {
      remove_throwaway(folder, identity);
    } else if (!owner_of(folder.keep())) {
      stop_server(folder, identity, StopMode::fast);
    }
  }

  Folder folder;
  Identity identity;
  bool throwaway;
  FileLock users;
  bool joined = false;
  pid_t owner = ::getpid();
};

EmbeddedServer EmbeddedServer::open(const EmbeddedOptions& options) {
  const Deadline deadline = Deadline::after(options.start_timeout);
  path root;
  Identity identity;
  if (options.throwaway) {
    identity = server_identity(std::nullopt);
    root = make_throwaway(options.data_dir, identity);
  } else {
    root = or_default(options.data_dir);
    identity = identity_of(root);
  }

  auto state =
      std::make_unique<State>(make_data_folder(root, identity), identity, options.throwaway);
  FileLock server(state->folder.server_lock());  // after the state: it must be free when that goes
  server.lock_exclusive(deadline);
  state->join();
  // Another may have made the data while we waited, as a user that only it had the rights to pick.
  state->identity = identity_of(state->folder.root());

  const auto programs = [&options] { return find_programs(options.bin_dir); };
  Deadline ready = deadline;
  if (!check_data(state->folder)) {
    make_data(state->folder, state->identity, programs(), options.throwaway);
    ready = Deadline::after(options.start_timeout);
  }
  ensure_running(state->folder, state->identity, options.throwaway, programs, ready);
  return EmbeddedServer(std::move(state));
}

EmbeddedServer::EmbeddedServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
EmbeddedServer::EmbeddedServer(EmbeddedServer&&) noexcept = default;
EmbeddedServer& EmbeddedServer::operator=(EmbeddedServer&&) noexcept = default;
EmbeddedServer::~EmbeddedServer() = default;

std::string EmbeddedServer::dsn(std::string_view database) const {
  return state_->folder.dsn(state_->identity.uid, "loci", database);
}

std::string EmbeddedServer::admin_dsn(std::string_view database) const {
  return state_->folder.dsn(state_->identity.uid, "postgres", database);
}

const path& EmbeddedServer::data_dir() const {
  return state_->folder.root();
}

void EmbeddedServer::create_database(std::string_view name, std::string_view template_name) {
  run_statement(admin_dsn(), "create database " + quote_identifier(name) + " owner loci template " +
                                 quote_identifier(template_name) +
                                 (state_->throwaway ? " strategy file_copy" : ""));  // no WAL
}

void EmbeddedServer::keep_running() {
  if (state_->throwaway) {
    throw Error(ErrorKind::invalid_argument, "a throw-away server cannot be kept running");
  }
  write_file(state_->folder.keep(), "The server runs until `loci down`.\n", 0600);
  sync_folder(state_->folder.root());
}

EmbeddedServer::Status EmbeddedServer::status(const path& data_dir) {
  const path root = or_default(data_dir);
  Status status{.data_dir = root, .log_dir = root / "log"};
  if (!std::filesystem::is_directory(root)) return status;

  const Folder folder(root);
  status.data_dir = folder.root();
  status.log_dir = folder.log();
  if (!owner_of(folder.data())) return status;

  const Identity identity = identity_of(folder.root());
  const std::string version = read_file(folder.data() / "PG_VERSION").value_or("");
  status.version = version.substr(0, version.find('\n'));
  status.kept = owner_of(folder.keep()).has_value();
  status.pid = find_server(folder, identity.uid);
  status.state = Status::State::stopped;
  if (status.pid || answers(folder, identity.uid)) {
    status.state = Status::State::running;
    status.dsn = folder.dsn(identity.uid, "loci", "loci");
  }
  return status;
}

bool EmbeddedServer::stop(const path& data_dir, bool force) {
  const path root = or_default(data_dir);
  if (!owner_of(root / "postgres")) return false;
  const Folder folder(root);
  const Identity identity = identity_of(folder.root());

  FileLock server(folder.server_lock());
  server.lock_exclusive(Deadline::after(k_stop_patience));
  FileLock users(folder.users_lock());
  if (!users.try_exclusive() && !force) {
    throw Error(ErrorKind::io, "other programs still use the server; see them with `fuser -v " +
                                   folder.users_lock().string() + "`");
  }
  const bool was_running = stop_server(folder, identity, StopMode::fast);
  std::filesystem::remove(folder.keep());
  return was_running;
}

path EmbeddedServer::default_data_dir() {
  const char* const named = std::getenv("XDG_DATA_HOME");
  path xdg = named != nullptr && path(named).is_absolute() ? path(named) / "loci" : path();
  if (::geteuid() == 0) {
    const bool usable =
        !xdg.empty() && !closed_folder(xdg, server_identity(owner_of(xdg / "postgres")));
    return usable ? xdg : path("/var/lib/loci");
  }
  if (!xdg.empty()) return xdg;
  const char* const home = std::getenv("HOME");
  const path base = home != nullptr && path(home).is_absolute()
                        ? path(home)
                        : path(server_identity(std::nullopt).home);
  return base / ".local/share/loci";
}

path EmbeddedServer::find_bin_dir() {
  return find_programs({});
}

}  // namespace loci::pg
