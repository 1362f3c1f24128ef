#pragma once
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The few file operations the embedded server needs, safe to use as root inside folders that
/// belong to another user: symbolic links are never followed at the last component.
namespace loci::pg::embedded {

/// A file descriptor, closed at the end.
class Fd {
public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept;

private:
  int fd_ = -1;
};

/// Throws Error{io}: `what`, then the text of `error`.
[[noreturn]] void throw_errno(const std::string& what, int error = errno);

/// The whole file, or nullopt when there is none.
/// Errors: io.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

/// The last `bytes` bytes of the file, from the start of a line; empty when it cannot be read.
[[nodiscard]] std::string tail(const std::filesystem::path& path, std::size_t bytes);

/// Replaces the file in one step; not synced. Root gives it to the owner of the folder it is in.
/// Errors: io.
void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode);

/// Adds text to the end of a file that exists; not synced.
/// Errors: io.
void append_file(const std::filesystem::path& path, std::string_view text);

/// Makes the folder unless it is there; `mode` applies whatever the umask.
/// Errors: io, also when something else has that name.
void make_folder(const std::filesystem::path& path, mode_t mode);

/// As root: `path`, which is no link, belongs to that user from now on. Otherwise nothing.
/// Errors: io.
void give_to(const std::filesystem::path& path, uid_t uid, gid_t gid);

/// The owner of `path` (of a link itself), or nullopt when there is nothing.
[[nodiscard]] std::optional<uid_t> owner_of(const std::filesystem::path& path);

/// Makes the names in a folder durable.
/// Errors: io.
void sync_folder(const std::filesystem::path& path);

/// Makes all that was written to the file system of that folder durable; faster than one file at a
/// time when they are a thousand.
/// Errors: io.
void sync_file_system(const std::filesystem::path& path);

}  // namespace loci::pg::embedded
