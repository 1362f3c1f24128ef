#include "pg/embedded/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <loci/base/error.hpp>

#include "pg/embedded/backoff.hpp"

namespace loci::pg::embedded {

FileLock::FileLock(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (!fd_) throw_errno("cannot open the lock file " + path.string());
  struct stat folder{};
  if (::geteuid() == 0 && ::stat(path.parent_path().c_str(), &folder) == 0 &&
      ::fchown(fd_.get(), folder.st_uid, folder.st_gid) != 0) {
    throw_errno("cannot change the owner of " + path.string());
  }
}

void FileLock::lock_exclusive(Deadline deadline) {
  for (Backoff backoff; !try_exclusive(); backoff.wait()) {
    if (deadline.passed()) {
      throw Error(ErrorKind::io, "another process is still starting or stopping the server: " +
                                     path_.string() + " stays locked");
    }
  }
}

bool FileLock::try_exclusive() {
  return attempt(LOCK_EX | LOCK_NB);
}

bool FileLock::try_shared() {
  return attempt(LOCK_SH | LOCK_NB);
}

bool FileLock::attempt(int operation) {
  int result = 0;
  do {
    result = ::flock(fd_.get(), operation);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EWOULDBLOCK) throw_errno("cannot lock " + path_.string());
  return result == 0;
}

}  // namespace loci::pg::embedded
