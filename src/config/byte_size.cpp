#include "config/byte_size.hpp"

#include "config/units.hpp"

namespace loci::config {

namespace {

constexpr std::int64_t k_step = 1024;
constexpr std::array<Unit, 5> k_units{{{"B", 1},
                                       {"kB", k_step},
                                       {"MB", k_step* k_step},
                                       {"GB", k_step* k_step* k_step},
                                       {"TB", k_step* k_step* k_step* k_step}}};
constexpr std::int64_t k_largest = k_units.back().size * k_step;

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept {
  const auto count = parse_units(text, k_units, k_largest);
  if (!count) return std::nullopt;
  return static_cast<std::uint64_t>(*count);
}

std::string format_byte_size(std::uint64_t bytes) {
  return format_units(static_cast<std::int64_t>(bytes), k_units);
}

}  // namespace loci::config
