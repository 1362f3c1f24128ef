#include "pg/embedded/identity.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <loci/base/error.hpp>

#include "pg/embedded/files.hpp"

namespace loci::pg::embedded {
namespace {

// `find` is getpwnam_r or getpwuid_r with its first argument bound.
template <typename Find>
std::optional<Identity> look_up(Find find) {
  std::vector<char> buffer(1024);
  passwd entry{};
  passwd* found = nullptr;
  while (find(&entry, buffer.data(), buffer.size(), &found) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) return std::nullopt;

  Identity who{.name = entry.pw_name,
               .home = entry.pw_dir,
               .uid = entry.pw_uid,
               .gid = entry.pw_gid,
               .groups = std::vector<gid_t>(16),
               .switched = ::geteuid() == 0 && entry.pw_uid != 0};
  int count = static_cast<int>(who.groups.size());
  if (::getgrouplist(entry.pw_name, entry.pw_gid, who.groups.data(), &count) < 0) {
    who.groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(entry.pw_name, entry.pw_gid, who.groups.data(), &count);
  }
  who.groups.resize(static_cast<std::size_t>(count));
  return who;
}

std::optional<Identity> find_user(uid_t uid) {
  return look_up([uid](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwuid_r(uid, entry, buffer, size, found);
  });
}

Identity user_of_id(uid_t uid) {
  if (auto who = find_user(uid)) return *std::move(who);
  throw Error(ErrorKind::configuration, "user id " + std::to_string(uid) +
                                            " has no name in /etc/passwd; PostgreSQL needs one");
}

}  // namespace

std::optional<Identity> find_user(const std::string& name) {
  return look_up([&name](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwnam_r(name.c_str(), entry, buffer, size, found);
  });
}

Identity server_identity(std::optional<uid_t> data_owner) {
  const uid_t self = ::geteuid();
  if (self != 0) {
    if (data_owner.value_or(self) != self) {
      throw Error(ErrorKind::configuration, "the data folder belongs to user " +
                                                user_of_id(*data_owner).name + ", not to " +
                                                user_of_id(self).name + "; run as its owner");
    }
    return user_of_id(self);
  }
  if (data_owner.value_or(0) != 0) return user_of_id(*data_owner);
  for (const char* name : {"postgres", "loci"}) {
    if (auto who = find_user(name); who && who->uid != 0) return *std::move(who);
  }
  throw Error(ErrorKind::configuration,
              "PostgreSQL refuses to run as root, and there is no user `postgres` or `loci` to run "
              "it as; make one with `useradd --system loci`, or run as an ordinary user");
}

bool become(const Identity& who) noexcept {
  if (!who.switched) return true;
  return ::setgroups(who.groups.size(), who.groups.data()) == 0 && ::setgid(who.gid) == 0 &&
         ::setuid(who.uid) == 0;
}

std::optional<std::filesystem::path> closed_folder(const std::filesystem::path& path,
                                                   const Identity& who) {
  if (!who.switched) return std::nullopt;
  std::vector<std::filesystem::path> ways;
  for (std::filesystem::path way; const auto& part : path) ways.push_back(way /= part);

  // The kernel decides, in a child that has become the user: modes, groups and ACLs all count.
  const pid_t child = ::fork();
  if (child < 0) throw_errno("cannot start a process");
  if (child == 0) {
    if (!become(who)) ::_exit(0);
    for (std::size_t i = 0; i < ways.size() && i < 250; ++i) {
      if (::access(ways[i].c_str(), X_OK) == 0) continue;
      ::_exit(errno == EACCES ? static_cast<int>(i) + 1 : 0);
    }
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 0) return std::nullopt;
  return ways[static_cast<std::size_t>(WEXITSTATUS(status)) - 1];
}

}  // namespace loci::pg::embedded
