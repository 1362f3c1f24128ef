#include "pg/embedded/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <loci/base/error.hpp>
#include <system_error>

namespace loci::pg::embedded {
namespace {

Fd open_file(const std::filesystem::path& path, int flags, mode_t mode = 0) {
  return Fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
}

void write_all(const Fd& fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("cannot write " + path.string());
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_all(const Fd& fd, const std::filesystem::path& path) {
  std::string text;
  std::array<char, 8192> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("cannot read " + path.string());
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

void Fd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void throw_errno(const std::string& what, int error) {
  throw Error(ErrorKind::io, what + ": " + std::generic_category().message(error));
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  const Fd fd = open_file(path, O_RDONLY);
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (!fd) throw_errno("cannot read " + path.string());
  return read_all(fd, path);
}

std::string tail(const std::filesystem::path& path, std::size_t bytes) {
  const Fd fd = open_file(path, O_RDONLY | O_NONBLOCK);
  struct stat about{};
  if (!fd || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
  const bool cut = about.st_size > static_cast<off_t>(bytes);
  if (cut && ::lseek(fd.get(), -static_cast<off_t>(bytes), SEEK_END) < 0) return {};
  std::string text = read_all(fd, path);
  if (cut) text.erase(0, text.find('\n') + 1);
  return text;
}

void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  const Fd fd = open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!fd || ::fchmod(fd.get(), mode) != 0) throw_errno("cannot create " + fresh.string());
  struct stat folder{};
  if (::geteuid() == 0 && ::stat(path.parent_path().c_str(), &folder) == 0 &&
      ::fchown(fd.get(), folder.st_uid, folder.st_gid) != 0) {
    throw_errno("cannot change the owner of " + fresh.string());
  }
  write_all(fd, text, fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) throw_errno("cannot replace " + path.string());
}

void append_file(const std::filesystem::path& path, std::string_view text) {
  const Fd fd = open_file(path, O_WRONLY | O_APPEND);
  if (!fd) throw_errno("cannot open " + path.string());
  write_all(fd, text, path);
}

void make_folder(const std::filesystem::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) != 0) throw_errno("cannot set the mode of " + path.string());
    return;
  }
  if (errno != EEXIST) throw_errno("cannot make the folder " + path.string());
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    throw Error(ErrorKind::io, path.string() + " is in the way: it is no folder");
  }
}

void give_to(const std::filesystem::path& path, uid_t uid, gid_t gid) {
  if (::geteuid() == 0 && ::lchown(path.c_str(), uid, gid) != 0) {
    throw_errno("cannot change the owner of " + path.string());
  }
}

std::optional<uid_t> owner_of(const std::filesystem::path& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return std::nullopt;
  return about.st_uid;
}

void sync_folder(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw_errno("cannot write the folder " + path.string());
}

void sync_file_system(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) throw_errno("cannot write the folder " + path.string());
}

}  // namespace loci::pg::embedded
