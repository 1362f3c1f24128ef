#pragma once
#include <loci/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What a person sees: colours where there is a terminal, plain text everywhere else.
namespace loci::app {

[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] bool stderr_is_terminal();
[[nodiscard]] std::size_t terminal_width();  ///< Columns of standard error; 80 when unknown.

/// Text in bold, dim or a colour on a terminal that wants it (NO_COLOR is honoured).
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string dim(std::string_view text);
[[nodiscard]] std::string yellow(std::string_view text);

[[nodiscard]] std::string with_thousands(std::uint64_t number);  ///< 1,234,567
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);      ///< 1.2 MB
[[nodiscard]] std::string human_seconds(double seconds);         ///< 850 ms, 12 s, 3 min 20 s
[[nodiscard]] std::string local_minute(Timestamp time);          ///< 2024-10-29 15:59, in UTC

/// Text from outside made harmless to print: control characters become spaces.
[[nodiscard]] std::string printable(std::string_view text);
/// The same, line by line: line breaks are kept, and each line begins with `indent`.
[[nodiscard]] std::string printable_lines(std::string_view text, std::string_view indent);

/// A bar on standard error with rate and remaining time, redrawn ten times a second at most;
/// nothing when it is no terminal or `quiet`.
class ProgressBar {
public:
  ProgressBar(std::string_view label, bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `done` of `total` (0: unknown), in units whose rate is shown as `rate_unit` a second.
  void update(std::uint64_t done, std::uint64_t total, std::uint64_t counted,
              std::string_view unit);

private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
};

}  // namespace loci::app
