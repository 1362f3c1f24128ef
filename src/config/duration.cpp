#include "config/duration.hpp"

#include "config/units.hpp"

namespace loci::config {

namespace {

constexpr std::array<Unit, 5> k_units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::chrono::milliseconds k_longest = std::chrono::years(100);

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  const auto count = parse_units(text, k_units, k_longest.count());
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(*count);
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format_units(duration.count(), k_units);
}

}  // namespace loci::config
