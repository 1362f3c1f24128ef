#include <loci/base/json_writer.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace loci {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += hex[static_cast<unsigned char>(c) >> 4];
          out += hex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

JsonWriter& JsonWriter::open(char bracket, char closing) {
  separate();
  text_ += bracket;
  closings_ += closing;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close() {
  text_ += closings_.back();
  closings_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view name) {
  separate();
  append_json_string(text_, name);
  text_ += ':';
  after_name_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(text_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 32> out{};
  const auto [end, error] = std::to_chars(out.data(), out.data() + out.size(), number);
  (void)error;  // 32 characters hold every double
  return raw(std::string_view(out.data(), end));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

void JsonWriter::separate() {
  if (!after_name_ && !first_) text_ += ',';
  after_name_ = false;
  first_ = false;
}

}  // namespace loci
