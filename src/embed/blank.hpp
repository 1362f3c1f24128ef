#pragma once
#include <string_view>

namespace loci::embed {

/// `text` without the white space (ASCII and Unicode) and NULs at its ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Nothing but white space: there is nothing to embed.
[[nodiscard]] inline bool is_blank(std::string_view text) noexcept {
  return trim(text).empty();
}

}  // namespace loci::embed
