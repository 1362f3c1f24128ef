#pragma once
#include <filesystem>
#include <string>

#include "pg/embedded/identity.hpp"

namespace loci::pg::embedded {

/// Where everything of one embedded server is. A plain value.
///
/// The folder and its `conf/` belong to the user of Loci; `postgres/`, `log/` and the socket's
/// folder to the user the server runs as, which differs only when Loci is run by root.
class Folder {
public:
  /// The folder at `root`, which exists.
  /// Errors: configuration (a name that PostgreSQL's files cannot hold), io.
  explicit Folder(const std::filesystem::path& root);

  [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }
  [[nodiscard]] std::filesystem::path data() const { return root_ / "postgres"; }
  [[nodiscard]] std::filesystem::path log() const { return root_ / "log"; }
  [[nodiscard]] std::filesystem::path startup_log() const { return log() / "startup.log"; }
  [[nodiscard]] std::filesystem::path conf() const { return root_ / "conf"; }
  [[nodiscard]] std::filesystem::path server_lock() const { return root_ / "server.lock"; }
  [[nodiscard]] std::filesystem::path users_lock() const { return root_ / "users.lock"; }
  [[nodiscard]] std::filesystem::path keep() const { return root_ / "keep"; }
  [[nodiscard]] std::filesystem::path throwaway() const { return root_ / "throwaway"; }

  /// Written into a finished data folder; without it, the folder is not ours.
  [[nodiscard]] std::filesystem::path data_mark() const { return data() / "loci.format"; }

  /// `run/` in the folder, or a short folder in /tmp when the socket's path would be over the 107
  /// bytes of a unix socket, or libpq could not be told it.
  [[nodiscard]] std::filesystem::path socket_dir(uid_t server_uid) const;

  /// What the server is called in the list of processes; no other folder of this machine has it.
  [[nodiscard]] const std::string& cluster_name() const noexcept { return cluster_name_; }

  /// A libpq connection string to this server.
  [[nodiscard]] std::string dsn(uid_t server_uid, std::string_view user,
                                std::string_view database) const;

private:
  std::filesystem::path root_;
  std::string cluster_name_;
};

/// Makes `root`, with its parents, and checks that the server's user can get there.
/// Errors: configuration, naming the folder that is closed to it; io.
[[nodiscard]] Folder make_data_folder(const std::filesystem::path& root, const Identity& who);

/// Makes the folders the server itself writes to.
/// Errors: configuration, when the short socket folder is somebody else's; io.
void make_server_folders(const Folder& folder, const Identity& who);

}  // namespace loci::pg::embedded
