#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace loci::config {

/// `100ms`, `30s`, `15m`, `1h`, `2d` or `0`: a whole number and its unit. nullopt for all else,
/// and for more than 100 years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text) noexcept;

/// The same in the largest unit that says it exactly.
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

}  // namespace loci::config
