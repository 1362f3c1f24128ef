#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loci {

/// Appends `text` as a JSON string, quotes included. Text must be UTF-8; control characters are
/// escaped.
void append_json_string(std::string& out, std::string_view text);

/// Writes one JSON value into a string, commas and quotes in the right places.
///
/// ```
/// JsonWriter out;
/// out.object().member("hits").array();
/// for (...) out.value(text);
/// out.close().close();     // array, object
/// print(out.text());
/// ```
/// Wrong nesting is a programming error and is not checked. Numbers print in their shortest exact
/// form.
class JsonWriter {
public:
  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  JsonWriter& close();  ///< Closes the innermost object or array.

  JsonWriter& member(std::string_view name);  ///< The name; the next call writes its value.

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);  ///< NaN and infinities become null: JSON has no word for them.
  template <std::same_as<bool> Bool>
  JsonWriter& value(Bool truth) {
    return raw(truth ? "true" : "false");
  }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  JsonWriter& value(Integer number) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& raw(std::string_view json);  ///< A value that is JSON already, copied as it is.

  [[nodiscard]] const std::string& text() const& noexcept { return text_; }
  [[nodiscard]] std::string text() && noexcept { return std::move(text_); }

private:
  JsonWriter& open(char bracket, char closing);
  void separate();
  std::string text_;
  std::string closings_;
  bool first_ = true;        // nothing written yet at this level
  bool after_name_ = false;  // a member's name was just written
};

}  // namespace loci
