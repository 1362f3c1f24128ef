#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Whole numbers with a unit behind them.
namespace loci::config {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

/// The number in the smallest unit; nullopt when there is none, the unit is unknown, or it is more
/// than `most`. `units` from small to large; a bare 0 needs none.
template <std::size_t Count>
[[nodiscard]] std::optional<std::int64_t> parse_units(std::string_view text,
                                                      const std::array<Unit, Count>& units,
                                                      std::int64_t most) noexcept {
  if (text == "0") return 0;
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(last - rest));
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end()) return std::nullopt;
  if (number > static_cast<std::uint64_t>(most / unit->size)) return std::nullopt;
  return unit->size * static_cast<std::int64_t>(number);
}

/// The same the other way, in the largest unit that says it exactly.
template <std::size_t Count>
[[nodiscard]] std::string format_units(std::int64_t number, const std::array<Unit, Count>& units) {
  if (number == 0) return "0";
  std::size_t best = 0;
  for (std::size_t i = 0; i < Count; ++i) {
    if (number % units[i].size == 0) best = i;
  }
  return std::to_string(number / units[best].size) + std::string(units[best].name);
}

}  // namespace loci::config
