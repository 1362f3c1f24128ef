#pragma once
#include <loci/storage/records.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace loci::storage {

enum class FieldKind : std::uint8_t { boolean, integer, real, text, uuid, time, metadata };

/// What filters and orders may name of a record. A field has the name of its column.
struct DeclaredField {
  std::string_view name;
  FieldKind kind;
  bool nullable;
  /// A text of up to limits::content bytes: no list is ordered by it, for its cursor would hold it.
  bool is_long = false;
};

template <class Record>
struct RecordField : DeclaredField {
  /// The record's own value; nullopt for NULL.
  std::optional<FilterValue> (*get)(const Record& record);
};

template <class Record>
struct RecordOrder {
  std::string_view field;
  bool descending;
};

/// All declared fields, `metadata` among them where there is one.
template <class Record>
[[nodiscard]] std::span<const RecordField<Record>> record_fields();

/// Those that make up the key, in its order: they end every order, so that it is total.
template <class Record>
[[nodiscard]] std::span<const std::string_view> key_fields();

/// The order of a list that asks for none.
template <class Record>
[[nodiscard]] RecordOrder<Record> own_order();

/// Records that differ in `field` alone within one value of this one do differ in it: a list of one
/// such value is in a total order by `field`. Empty: there is none.
template <class Record>
[[nodiscard]] std::string_view unique_within(std::string_view field);

/// The declared field of that name. Errors: invalid_argument, naming the nearest.
template <class Record>
[[nodiscard]] const RecordField<Record>& find_field(std::string_view name);

/// The same for code that does not care whose field it is.
using FieldLookup = const DeclaredField& (*)(std::string_view name);
template <class Record>
[[nodiscard]] const DeclaredField& declared_field(std::string_view name) {
  return find_field<Record>(name);
}

}  // namespace loci::storage
