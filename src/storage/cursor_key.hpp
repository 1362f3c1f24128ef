#pragma once
#include <loci/pg/session.hpp>
#include <loci/storage/task.hpp>

#include <mutex>
#include <string>

namespace loci::storage {

/// The key that signs a storage's cursors: the one given, or the database's own, which is read
/// once.
///
/// Thread safety: any thread.
class CursorKey {
public:
  /// Empty: the database's own, so that a cursor of one process serves another.
  explicit CursorKey(std::string given) : key_(std::move(given)) {}

  [[nodiscard]] Task<std::string> get(pg::Session& session, Deadline deadline);

private:
  std::mutex mutex_;
  std::string key_;  // by mutex_; empty: not read yet
};

}  // namespace loci::storage
