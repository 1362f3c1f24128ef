#pragma once
#include <filesystem>
#include <loci/base/deadline.hpp>

#include "pg/embedded/files.hpp"

namespace loci::pg::embedded {

/// A lock file (flock): held by the object, not by the process, and gone with it, however it ends.
/// Programs started meanwhile do not inherit it.
///
/// The folder of a server has two. `server.lock` is held exclusively, and briefly, by whoever
/// starts or stops the server. `users.lock` is held shared for as long as an object uses the
/// server; only a holder of `server.lock` may ask for it exclusively, to learn that no user is
/// left.
class FileLock {
public:
  /// Opens the file, making it when missing; nothing is locked yet.
  /// Errors: io.
  explicit FileLock(const std::filesystem::path& path);

  /// Waits until nobody else holds it.
  /// Errors: io when the deadline passes first.
  void lock_exclusive(Deadline deadline);

  [[nodiscard]] bool try_exclusive();  ///< False when another holds it; a shared hold is then lost.
  [[nodiscard]] bool try_shared();     ///< False when another holds it exclusively.

private:
  [[nodiscard]] bool attempt(int operation);
  std::filesystem::path path_;
  Fd fd_;
};

}  // namespace loci::pg::embedded
