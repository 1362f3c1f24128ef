#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace loci::pg {

struct EmbeddedOptions {
  std::filesystem::path data_dir;  ///< Empty: default_data_dir().
  std::filesystem::path bin_dir;   ///< Folder of `postgres` and `initdb`; empty: found on this machine.
  bool throwaway = false;          ///< For tests and tools: fsync off, folder removed at the end.
  std::chrono::milliseconds start_timeout{30000};
};

/// A private PostgreSQL 17 in a folder of its own, reached through a unix socket alone.
///
/// The first object that opens a folder initialises it and starts the server; others, in this process
/// or another, share it; the last one to go stops it, unless keep_running() was asked. A server left
/// behind by a killed process is found and shared by the next one, and stopped by the last.
///
/// Access: peer authentication with a map, so only the user who made the folder (and root, when root
/// started it) gets in; there is no password and no port. Role `loci` owns the database `loci` and is
/// no superuser; role `postgres` is for maintenance.
///
/// Thread safety: distinct objects from any thread; one object from one thread at a time. Calls block.
class EmbeddedServer {
public:
  /// Opens, and on first use initialises, the folder; starts the server unless it runs.
  /// Errors: configuration (no PostgreSQL 17 found, a folder of another major version, a folder the
  /// unprivileged user cannot reach, a socket path over 107 bytes), io (the server did not start; the
  /// last lines of its log are in the text).
  [[nodiscard]] static EmbeddedServer open(const EmbeddedOptions& options);

  EmbeddedServer(EmbeddedServer&&) noexcept;
  EmbeddedServer& operator=(EmbeddedServer&&) noexcept;
  ~EmbeddedServer();

  /// Where libpq finds the server, as role `loci`: `host=/... port=5432 dbname=loci user=loci`.
  [[nodiscard]] std::string dsn(std::string_view database = "loci") const;
  [[nodiscard]] std::string admin_dsn(std::string_view database = "postgres") const;  ///< As superuser.

  [[nodiscard]] const std::filesystem::path& data_dir() const;

  /// The server goes on running after the last user leaves, until stop(). Persists in the folder.
  void keep_running();

  struct Status {
    enum class State { absent, stopped, running } state = State::absent;
    std::optional<int> pid;
    bool kept = false;      ///< keep_running() was asked.
    std::string version;    ///< Of the data folder: "17"; empty if absent.
    std::filesystem::path data_dir;
    std::filesystem::path log_dir;
    std::string dsn;        ///< As dsn(), when running.
  };
  [[nodiscard]] static Status status(const std::filesystem::path& data_dir);

  /// Stops a kept server cleanly. True when one was running.
  /// Errors: io, when other processes still use it and `force` is false (it names how to see them).
  static bool stop(const std::filesystem::path& data_dir, bool force = false);

  /// `$XDG_DATA_HOME/loci`, else `~/.local/share/loci`; `/var/lib/loci` for root, whose home folder the
  /// server's unprivileged user cannot reach.
  [[nodiscard]] static std::filesystem::path default_data_dir();

  /// The folder of PostgreSQL 17's programs (LOCI_PG_BIN, pg_config, the usual places).
  /// Errors: configuration, naming what was tried and what to install.
  [[nodiscard]] static std::filesystem::path find_bin_dir();

private:
  struct State;
  explicit EmbeddedServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace loci::pg
