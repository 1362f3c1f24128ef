#pragma once
#include <loci/base/json.hpp>

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loci::storage {

/// A JSON value as a jsonb column sees it: spelling, order and repeated names do not count, 1 is
/// 1.0, and numbers are of any size.
struct JsonbValue {
  Json::Kind kind = Json::Kind::null;
  bool truth = false;     ///< Of a boolean.
  std::string text = {};  ///< Of a string; of a number its digits, without needless zeros.
  std::vector<JsonbValue> elements = {};
  std::map<std::string, JsonbValue, std::less<>> members = {};

  /// Errors: invalid_argument for what is not JSON, and for numbers that numeric cannot hold.
  [[nodiscard]] static JsonbValue parse(const JsonText& json);

  [[nodiscard]] bool operator==(const JsonbValue& other) const = default;
  [[nodiscard]] bool is_scalar() const noexcept {
    return kind != Json::Kind::array && kind != Json::Kind::object;
  }
  /// The member of that name; null when there is none, or this is no object.
  [[nodiscard]] const JsonbValue* find(std::string_view name) const;
  /// jsonb's `@>` of two values inside a document.
  [[nodiscard]] bool contains(const JsonbValue& part) const;
};

/// Compares two numbers as JsonbValue::text has them.
[[nodiscard]] std::strong_ordering compare_numbers(std::string_view left, std::string_view right);

}  // namespace loci::storage
