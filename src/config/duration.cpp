#include "config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace loci::config {

namespace {

struct Unit {
  std::string_view name;
  std::chrono::milliseconds length;
};

constexpr std::array<Unit, 5> k_units{{{"ms", std::chrono::milliseconds(1)},
                                       {"s", std::chrono::seconds(1)},
                                       {"m", std::chrono::minutes(1)},
                                       {"h", std::chrono::hours(1)},
                                       {"d", std::chrono::days(1)}}};
constexpr std::chrono::milliseconds k_longest = std::chrono::years(100);

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::milliseconds(0);
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  const auto unit = std::ranges::find(k_units, name, &Unit::name);
  if (unit == k_units.end()) return std::nullopt;
  if (number > static_cast<std::uint64_t>(k_longest / unit->length)) return std::nullopt;
  return unit->length * static_cast<std::int64_t>(number);
}

}  // namespace loci::config
