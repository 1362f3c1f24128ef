#pragma once
#include <span>
#include <string_view>

namespace loci {

/// Which of `known` is the most like `word`, by edit distance over the first 64 bytes; the first of
/// several. Empty when there are none.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> known);

}  // namespace loci
