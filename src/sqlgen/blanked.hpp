#pragma once
#include <string>
#include <string_view>

namespace loci::sqlgen {

/// A space for each character, and each line end: what comes behind keeps its line and column.
[[nodiscard]] inline std::string blanked(std::string_view text) {
  std::string blank;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80) blank += c == '\n' ? '\n' : ' ';
  }
  return blank;
}

}  // namespace loci::sqlgen
