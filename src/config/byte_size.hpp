#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loci::config {

/// `512kB`, `64MB`, `2GB`, `100B` or `0`, units of 1024 as PostgreSQL counts them. nullopt for all
/// else, and for more than 1 PB.
[[nodiscard]] std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept;

/// The same in the largest unit that says it exactly.
[[nodiscard]] std::string format_byte_size(std::uint64_t bytes);

}  // namespace loci::config
