#pragma once
#include <loci/base/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace loci {

/// A point in time as PostgreSQL's timestamptz holds it: UTC, microseconds.
/// Timestamp::min() and Timestamp::max() stand for -infinity and infinity.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// The wall clock.
[[nodiscard]] Timestamp now();

/// RFC 3339 in UTC, with microseconds only where they are not zero: `2024-10-29T15:59:18.774635Z`.
[[nodiscard]] std::string to_rfc3339(Timestamp time);

/// Reads `YYYY-MM-DD`, optionally followed by `T` or a space, `HH:MM[:SS[.fraction]]` and `Z` or an
/// offset (`+01:00`, `+0100`, `+01`). A missing offset means UTC; digits past the microsecond are
/// cut.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

/// From seconds since 1970, rounded to the microsecond; nullopt when not finite or out of range.
[[nodiscard]] std::optional<Timestamp> from_unix_seconds(double seconds) noexcept;

}  // namespace loci
