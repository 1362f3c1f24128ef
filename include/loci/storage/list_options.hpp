#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::storage {

/// Of records that were erased and not yet purged: conversations, their messages and executions,
/// memories. Of others nothing is ever in that state.
enum class Deleted : std::uint8_t { exclude, include, only };

/// In which order, and which part of what was found.
struct ListOptions {
  /// A declared field that is never NULL, but no content, which a cursor would have to hold; empty:
  /// the record's own order (its header says which).
  /// Records that are equal in it follow by their key, in the same direction.
  std::string order_by = {};
  /// Missing: the record's own direction, when order_by is empty too; else ascending.
  std::optional<bool> descending = {};
  std::int32_t limit = 50;  ///< 1 to limits::list.
  /// Page::next of the page before: goes on behind it, at the same cost for every page, and
  /// unmoved by what is inserted meanwhile. It is signed, not secret, and belongs to one filter,
  /// order and `deleted`, one tenant and user; the limit may change. Errors: invalid_argument for
  /// any other.
  std::string cursor = {};
  std::int64_t offset = 0;  ///< Skips so many: costs them. For small numbers; not with a cursor.
  Deleted deleted = Deleted::exclude;
};

template <class Record>
struct Page {
  std::vector<Record> items;
  std::string next;  ///< Cursor of the page behind; empty: this was the last.
};

}  // namespace loci::storage
