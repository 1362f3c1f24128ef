#pragma once
#include <loci/storage/list_options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/list_order.hpp"

/// Cursors: where a list goes on, as text that only its maker can write. A cursor is base64url of
/// a version, the last record's position, and 16 bytes of HMAC-SHA256 over these and its scope. It
/// is signed, not secret.
namespace loci::storage {

/// What a cursor belongs to; another list refuses it.
struct CursorScope {
  std::string_view record;  ///< Which kind.
  Uuid tenant_id;
  std::optional<std::string> user_id;        ///< The view's, where it is one of a user.
  Filter filter;                             ///< As check_filter() gave it.
  std::vector<const DeclaredField*> fields;  ///< Of its order.
  bool descending = false;
  Deleted deleted = Deleted::exclude;
};

template <class Record>
[[nodiscard]] CursorScope cursor_scope(std::string_view record, Uuid tenant_id,
                                       std::optional<std::string> user_id, Filter checked,
                                       const ListOrder<Record>& order, Deleted deleted) {
  return {.record = record,
          .tenant_id = tenant_id,
          .user_id = std::move(user_id),
          .filter = std::move(checked),
          .fields = {order.fields.begin(), order.fields.end()},
          .descending = order.descending,
          .deleted = deleted};
}

[[nodiscard]] std::string write_cursor(std::string_view key, const CursorScope& scope,
                                       const Position& last);

/// Errors: invalid_argument, the same for a cursor that is torn, forged or of another list.
[[nodiscard]] Position read_cursor(std::string_view key, const CursorScope& scope,
                                   std::string_view cursor);

}  // namespace loci::storage
