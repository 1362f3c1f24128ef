#include "storage/cursor_key.hpp"

#include <loci/base/error.hpp>

#include <utility>

#include "queries/selects.hpp"

namespace loci::storage {

Task<std::string> CursorKey::get(pg::Session& session, Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (!key_.empty()) co_return key_;
  }
  auto row = co_await session.run(queries::GetCursorKey{}, deadline);
  if (!row) throw Error(ErrorKind::configuration, "the database has lost its key for cursors");
  const std::lock_guard lock(mutex_);
  key_ = std::move(row->value);
  co_return key_;
}

}  // namespace loci::storage
