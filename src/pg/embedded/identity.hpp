#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loci::pg::embedded {

/// The operating system user a server runs as.
struct Identity {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< Supplementary groups.
  bool switched = false;      ///< We are root, and children must become this user.
};

/// Who runs the server. Root is refused by PostgreSQL, so as root it is `data_owner` if given (the
/// owner of a data folder that exists), else the user `postgres`, else `loci`; otherwise ourselves.
/// Errors: configuration, when there is no such user, or the data belongs to somebody else.
[[nodiscard]] Identity server_identity(std::optional<uid_t> data_owner);

/// The user of that name, to be switched to when we are root; nullopt when there is none.
[[nodiscard]] std::optional<Identity> find_user(const std::string& name);

/// Turns this process into that user for good. Safe between fork and exec.
[[nodiscard]] bool become(const Identity& who) noexcept;

/// The first existing folder on the way to `path`, or `path` itself, that the user cannot enter.
[[nodiscard]] std::optional<std::filesystem::path> closed_folder(const std::filesystem::path& path,
                                                                 const Identity& who);

}  // namespace loci::pg::embedded
