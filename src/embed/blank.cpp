#include "embed/blank.hpp"

#include <array>

namespace loci::embed {
namespace {

using std::string_view_literals::operator""sv;

// No-break space, the spaces of U+2000 to U+200B, line and paragraph separator, narrow and medium
// spaces, ideographic space, byte order mark.
constexpr auto wide_spaces = std::to_array<std::string_view>(
    {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
     "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b",
     "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff"});

constexpr std::string_view narrow_spaces = " \t\n\v\f\r\0"sv;

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  const auto drop_front = [&] {
    if (text.empty()) return false;
    if (narrow_spaces.contains(text.front())) return text.remove_prefix(1), true;
    for (const auto space : wide_spaces) {
      if (text.starts_with(space)) return text.remove_prefix(space.size()), true;
    }
    return false;
  };
  const auto drop_back = [&] {
    if (text.empty()) return false;
    if (narrow_spaces.contains(text.back())) return text.remove_suffix(1), true;
    for (const auto space : wide_spaces) {
      if (text.ends_with(space)) return text.remove_suffix(space.size()), true;
    }
    return false;
  };
  while (drop_front()) {
  }
  while (drop_back()) {
  }
  return text;
}

}  // namespace loci::embed
