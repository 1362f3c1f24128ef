#include "embed/retry.hpp"

#include <loci/base/backoff.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "embed/blank.hpp"

namespace loci::embed {

using std::chrono::milliseconds;

std::optional<milliseconds> retry_wait(const RetryOptions& options, int retry,
                                       std::optional<milliseconds> retry_after, double jitter,
                                       milliseconds remaining) {
  if (retry >= options.max_retries) return std::nullopt;
  const milliseconds most = backoff_limit(options.base, options.cap, retry + 1);
  const milliseconds spread = retry_after ? options.base : most;
  const milliseconds wait =
      retry_after.value_or(milliseconds(0)) +
      milliseconds(static_cast<milliseconds::rep>(jitter * static_cast<double>(spread.count())));
  if (wait >= remaining) return std::nullopt;
  return wait;
}

std::optional<milliseconds> parse_retry_after(std::string_view header,
                                              std::chrono::system_clock::time_point now) {
  using std::chrono::seconds;
  header = trim(header);
  if (header.empty()) return std::nullopt;
  unsigned long count = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), count);
  constexpr unsigned long a_year = 31'536'000;
  if (error == std::errc{} && end == header.data() + header.size()) {
    return seconds(std::min(count, a_year));
  }
  const std::time_t date = curl_getdate(std::string(header).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const auto wait = std::chrono::system_clock::from_time_t(date) - now;
  return std::clamp(std::chrono::ceil<milliseconds>(wait), milliseconds(0),
                    milliseconds(seconds(a_year)));
}

}  // namespace loci::embed
