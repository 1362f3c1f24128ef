#include "storage/mock/title_words.hpp"

#include <algorithm>

namespace loci::storage::mock {

namespace {

// The two bytes of a character from U+00C0 to U+042F, in lower case.
char32_t lower(char32_t code) {
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 0x20;
  if (code >= 0x100 && code <= 0x177 && code % 2 == 0) return code + 1;
  if (code >= 0x391 && code <= 0x3A9) return code + 0x20;
  if (code >= 0x410 && code <= 0x42F) return code + 0x20;
  if (code >= 0x400 && code <= 0x40F) return code + 0x50;
  return code;
}

}  // namespace

std::vector<std::string> title_words(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) {
      words.back() += text[i];
    } else if (byte >= 'A' && byte <= 'Z') {
      words.back() += static_cast<char>(byte + ('a' - 'A'));
    } else if ((byte & 0xE0) == 0xC0 && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[++i]);
      const char32_t code = lower(static_cast<char32_t>((byte & 0x1F) << 6 | (next & 0x3F)));
      words.back() += static_cast<char>(0xC0 | code >> 6);
      words.back() += static_cast<char>(0x80 | (code & 0x3F));
    } else if (byte >= 0x80) {
      words.back() += text[i];
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool holds_words(std::string_view title, const std::vector<std::string>& words) {
  const std::vector<std::string> there = title_words(title);
  return std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::any_of(there, [&](const std::string& each) {
      return each == word || (&word == &words.back() && each.starts_with(word));
    });
  });
}

}  // namespace loci::storage::mock
