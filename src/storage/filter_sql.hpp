#pragma once
#include <loci/pg/query.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/list_order.hpp"

/// The one place of storage/ that writes SQL: conditions and orders on declared fields, put behind
/// the text of a generated statement. Names are those of the declarations; all else is a parameter.
namespace loci::storage {

/// A statement being put together. Its table goes by the name t, and it ends in its WHERE clause.
struct SelectText {
  std::string sql;
  pg::Params params = {};

  /// Adds a parameter; gives its place, as `$3::uuid`.
  template <class Type>
  [[nodiscard]] std::string place(const typename Type::Value& value, std::string_view type) {
    params.add<Type>(value);
    return "$" + std::to_string(params.slots().size()) + "::" + std::string(type);
  }
};

/// Adds ` and (...)`. Positive conditions on columns stay as an index takes them; what may be NULL
/// is made false where it is negated.
void add_filter(SelectText& statement, const Filter& checked, FieldLookup find);

using Fields = std::span<const DeclaredField* const>;

/// Adds ` and (field, ...) > (...)`: what stands behind `position`, as one condition of an index.
void add_behind(SelectText& statement, Fields fields, const Position& position, bool descending);

/// Adds ` order by field, ...`.
void add_order(SelectText& statement, Fields fields, bool descending);

/// Adds the condition that a row is deleted, or is not; `table` is t or c.
void add_deleted(SelectText& statement, std::string_view table, Deleted deleted);

/// Adds the condition that a row of `table` is this user's.
void add_user(SelectText& statement, std::string_view table, const std::string& user_id);

/// Adds the condition that a row is one of these.
void add_ids(SelectText& statement, const std::vector<Uuid>& ids);

/// Adds the order of memories by what they still count now (decayed_importance()).
void add_importance_order(SelectText& statement, std::chrono::seconds half_life);

/// Adds ` limit` and, where it is not 0, ` offset`.
void add_limit(SelectText& statement, std::int64_t limit, std::int64_t offset = 0);

/// The least text that is greater than all that begin with `prefix`; nullopt when there is none.
[[nodiscard]] std::optional<std::string> after_prefix(std::string_view prefix);

}  // namespace loci::storage
