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
  std::filesystem::path bin_dir;   ///< Folder of `postgres` and `initdb`; empty: find_bin_dir().

  /// For tests and tools: a fresh folder `loci-XXXXXX` inside `data_dir` (when empty, in $TMPDIR or
  /// /tmp), fsync off, role `loci` may create databases; server and folder are gone at the end.
  /// What a killed process left there is removed by the next one that opens a throw-away server.
  bool throwaway = false;

  /// For waiting for others, starting, and recovering after a crash; making the data not counted.
  std::chrono::milliseconds start_timeout{30000};
};

/// A private PostgreSQL 17 in a folder of its own, reached through a unix socket alone.
///
/// The first object that opens a folder initialises it and starts the server; others, in this
/// process or another, share it; the last one to go stops it, unless keep_running() was asked. A
/// server left behind by a killed process is found and shared by the next one, and stopped by the
/// last.
///
/// Access: peer authentication with a map, so only the user who made the folder (and root, when
/// root started it) gets in; there is no password and no port. Role `loci` owns the database `loci`
/// and is no superuser; role `postgres` is for maintenance. Every database has the extensions
/// vector and pg_stat_statements. Role `loci_search`, which cannot log in, is there to own
/// functions.
///
/// The folder holds `postgres/` (the data), `conf/` (rewritten before each start; settings of your
/// own go below the include in `postgres/postgresql.conf`), `log/` (one file for each day of the
/// week) and `run/` (the socket; a private folder in /tmp instead when its path would be too long).
///
/// As root, which PostgreSQL refuses, the server runs as user `postgres`, else `loci`. After
/// fork(), only the parent's object counts; the child's lets go of nothing.
///
/// Thread safety: distinct objects from any thread; one object from one thread at a time. Calls
/// block.
class EmbeddedServer {
public:
  /// Opens, and on first use initialises, the folder; starts the server unless it runs.
  /// Errors: configuration (no PostgreSQL 17 or no pgvector found, a folder of another major
  /// version or not made by Loci, a folder the unprivileged user cannot reach), io (the server did
  /// not start; the last lines of its log are in the text).
  [[nodiscard]] static EmbeddedServer open(const EmbeddedOptions& options);

  EmbeddedServer(EmbeddedServer&&) noexcept;
  EmbeddedServer& operator=(EmbeddedServer&&) noexcept;
  ~EmbeddedServer();

  /// Where libpq finds the server, as role `loci`: `host=/... port=5432 dbname=loci user=loci`.
  [[nodiscard]] std::string dsn(std::string_view database = "loci") const;
  [[nodiscard]] std::string admin_dsn(
      std::string_view database = "postgres") const;  ///< As superuser.

  [[nodiscard]] const std::filesystem::path& data_dir() const;

  /// Makes a database that role `loci` owns, as a copy of another, to which nobody may be
  /// connected. Errors: connect, server.
  void create_database(std::string_view name, std::string_view template_name = "template1");

  /// The server goes on running after the last user leaves, until stop(). Persists in the folder.
  /// Errors: invalid_argument for a throw-away server, io.
  void keep_running();

  struct Status {
    enum class State { absent, stopped, running } state = State::absent;
    std::optional<int> pid;
    bool kept = false;    ///< keep_running() was asked.
    std::string version;  ///< Of the data folder: "17"; empty if absent.
    std::filesystem::path data_dir;
    std::filesystem::path log_dir;
    std::string dsn;  ///< As dsn(), when running.
  };
  [[nodiscard]] static Status status(const std::filesystem::path& data_dir);

  /// Stops a kept server cleanly, and it is kept no longer. True when one was running.
  /// Errors: io, when objects still use it and `force` is false (it names how to see them).
  static bool stop(const std::filesystem::path& data_dir, bool force = false);

  /// `$XDG_DATA_HOME/loci`, else `~/.local/share/loci`. For root, whose home folder the server's
  /// unprivileged user cannot reach: `/var/lib/loci`, unless that user can reach $XDG_DATA_HOME.
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
