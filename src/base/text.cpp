#include <loci/base/text.hpp>

#include <simdjson.h>

namespace loci {
namespace {

// Length of the valid UTF-8 character at the front of `s`, or 0 (NUL counts as not valid).
std::size_t valid_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto tail = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char c = byte(0);
  if (c == 0) return 0;
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c <= 0xdf) return tail(1) ? 2 : 0;
  if (c >= 0xe0 && c <= 0xef) {
    if (!tail(1) || !tail(2)) return 0;
    if (c == 0xe0 && byte(1) < 0xa0) return 0;
    if (c == 0xed && byte(1) > 0x9f) return 0;  // a surrogate
    return 3;
  }
  if (c >= 0xf0 && c <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (c == 0xf0 && byte(1) < 0x90) return 0;
    if (c == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

bool is_storable(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size()) &&
         text.find('\0') == std::string_view::npos;
}

std::string to_storable(std::string_view text) {
  if (is_storable(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    std::size_t length = valid_length(text);
    if (length != 0) {
      out.append(text.substr(0, length));
    } else {
      out.append("\xef\xbf\xbd");
      length = 1;
      // A bad lead byte takes its continuation bytes with it: one mark for one broken character.
      if (static_cast<unsigned char>(text[0]) >= 0xc0) {
        while (length < text.size() && length < 4 &&
               (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
          ++length;
        }
      }
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace loci
