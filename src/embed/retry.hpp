#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace loci::embed {

/// When to try again. All values are of one request.
struct RetryOptions {
  int max_retries = 5;
  std::chrono::milliseconds base{500};    ///< The first wait is at most this, then twice that, ...
  std::chrono::milliseconds cap{30'000};  ///< ... and never more than this.
};

/// How long to wait before retry number `retry` (0 is the first), or nullopt to give up: no retry
/// is left, or the wait would not leave any of `remaining`.
///
/// Exponential backoff with full jitter: evenly from 0 to min(cap, base * 2^retry). What the server
/// asks for in `retry_after` is waited at least, with up to `base` on top so that callers spread.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_wait(
    const RetryOptions& options, int retry, std::optional<std::chrono::milliseconds> retry_after,
    double jitter, std::chrono::milliseconds remaining);

/// Reads a Retry-After header: seconds, or an HTTP date. Nothing when it is neither; a date gone by
/// is zero.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view header, std::chrono::system_clock::time_point now);

}  // namespace loci::embed
