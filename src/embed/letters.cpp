#include "embed/letters.hpp"

#include <string_view>

namespace loci::embed {
namespace {

// U+00C0 to U+017F, each as the ASCII letter it is written with; a blank separates (the signs of
// multiplication and division).
constexpr std::string_view latin_base =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(latin_base.size() == 0x180 - 0xc0);

constexpr bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

constexpr bool is_ideograph(char32_t c) {
  return within(c, 0x3041, 0x30ff) || within(c, 0x3105, 0x318e) || within(c, 0x3400, 0x4dbf) ||
         within(c, 0x4e00, 0x9fff) || within(c, 0xac00, 0xd7a3) || within(c, 0xf900, 0xfaff) ||
         within(c, 0x1f000, 0x1faff) || within(c, 0x20000, 0x3ffff);
}

constexpr bool is_ignored(char32_t c) {
  return c == 0xad || within(c, 0x300, 0x36f) || within(c, 0x200b, 0x200d) || c == 0x2060 ||
         within(c, 0xfe00, 0xfe0f) || c == 0xfeff || within(c, 0x1f3fb, 0x1f3ff);
}

constexpr bool is_separator(char32_t c) {
  return within(c, 0x80, 0xbf) || within(c, 0x2000, 0x206f) || within(c, 0x20a0, 0x2bff) ||
         within(c, 0x2e00, 0x303f) || within(c, 0xe000, 0xf8ff) || within(c, 0xfff0, 0xffff) ||
         within(c, 0xff5f, 0xff65) || c >= 0xe0000;
}

constexpr char32_t fold_greek(char32_t c) {
  switch (c) {
    case 0x386:
    case 0x3ac:
      return 0x3b1;
    case 0x388:
    case 0x3ad:
      return 0x3b5;
    case 0x389:
    case 0x3ae:
      return 0x3b7;
    case 0x38a:
    case 0x3af:
    case 0x390:
    case 0x3aa:
    case 0x3ca:
      return 0x3b9;
    case 0x38c:
    case 0x3cc:
      return 0x3bf;
    case 0x38e:
    case 0x3cd:
    case 0x3b0:
    case 0x3ab:
    case 0x3cb:
      return 0x3c5;
    case 0x38f:
    case 0x3ce:
      return 0x3c9;
    case 0x3c2:
      return 0x3c3;  // sigma at a word's end
    default:
      return within(c, 0x391, 0x3a9) ? c + 0x20 : c;
  }
}

constexpr char32_t fold_cyrillic(char32_t c) {
  if (c == 0x401 || c == 0x451) return 0x435;  // yo is mostly written as ye
  if (within(c, 0x400, 0x40f)) return c + 0x50;
  if (within(c, 0x410, 0x42f)) return c + 0x20;
  if (within(c, 0x460, 0x481) || within(c, 0x48a, 0x4bf) || within(c, 0x4d0, 0x52f)) return c | 1;
  return c;
}

}  // namespace

Letter classify(char32_t c) noexcept {
  using enum LetterKind;
  if (within(c, 0xff01, 0xff5e)) c -= 0xfee0;  // full-width forms of ASCII
  if (c < 0x80) {
    if (within(c, 'a', 'z') || within(c, '0', '9')) return {letter, c};
    if (within(c, 'A', 'Z')) return {letter, c + 0x20};
    return {};
  }
  if (within(c, 0xc0, 0x17f)) {
    const auto base = static_cast<unsigned char>(latin_base[c - 0xc0]);
    return base == ' ' ? Letter{} : Letter{letter, base};
  }
  if (is_ignored(c)) return {ignored, 0};
  if (is_separator(c)) return {};
  if (is_ideograph(c)) return {ideograph, c};
  if (within(c, 0x370, 0x3ff)) return {letter, fold_greek(c)};
  if (within(c, 0x400, 0x52f)) return {letter, fold_cyrillic(c)};
  if (within(c, 0x1e00, 0x1e95) || within(c, 0x1ea0, 0x1eff)) return {letter, c | 1};
  return {letter, c};
}

}  // namespace loci::embed
