#include "base/base64url.hpp"

#include <array>
#include <cstdint>

namespace loci {

namespace {

constexpr std::string_view k_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t k_no_letter = 64;

constexpr auto k_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(k_no_letter);
  for (std::uint8_t i = 0; i < k_letters.size(); ++i) {
    values[static_cast<unsigned char>(k_letters[i])] = i;
  }
  return values;
}();

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6) text += k_letters[bits >> (held - 6) & 63];
  }
  if (held > 0) text += k_letters[bits << (6 - held) & 63];
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char letter : text) {
    const std::uint8_t value = k_values[static_cast<unsigned char>(letter)];
    if (value == k_no_letter) return std::nullopt;
    bits = bits << 6 | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 255);
    }
  }
  const bool whole = held < 6 && (bits & ((1U << held) - 1)) == 0;  // what is left over is zeros
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace loci
