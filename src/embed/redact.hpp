#pragma once
#include <span>
#include <string>
#include <string_view>

namespace loci::embed {

/// What an endpoint said, made fit for an error text: one line, at most 200 bytes, and `[...]`
/// where it repeats `key` or any twelve bytes in a row of `texts` (a shorter text: as a whole
/// word).
[[nodiscard]] std::string redact(std::string_view message, std::string_view key,
                                 std::span<const std::string_view> texts);

}  // namespace loci::embed
