#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace loci::storage::mock {

/// The runs of letters and digits of a text, in lower case. Lower case is known of ASCII, and of
/// Latin, Greek and Cyrillic letters of two bytes; whatever is not ASCII counts as a letter.
[[nodiscard]] std::vector<std::string> title_words(std::string_view text);

/// Whether a title has all these words; of the last one, the beginning will do.
[[nodiscard]] bool holds_words(std::string_view title, const std::vector<std::string>& words);

}  // namespace loci::storage::mock
