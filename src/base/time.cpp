#include <loci/base/time.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace loci {
namespace {

using std::chrono::microseconds;

// Reads digits from the front of a text, one field after another.
class Fields {
public:
  explicit Fields(std::string_view text) : rest_(text) {}

  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return false;
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  microseconds fraction() {
    long value = 0;
    int digits = 0;
    while (!rest_.empty() && is_digit(rest_.front())) {
      if (digits < 6) value = value * 10 + (rest_.front() - '0');
      if (digits < 6) ++digits;
      rest_.remove_prefix(1);
    }
    for (; digits < 6; ++digits) value *= 10;
    return microseconds(value);
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool digit_next() const { return !rest_.empty() && is_digit(rest_.front()); }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
};

// The offset at the end of a time, as what has to be taken away to reach UTC.
std::optional<std::chrono::minutes> offset(Fields& in) {
  using std::chrono::minutes;
  if (in.empty() || in.take('Z') || in.take('z')) return minutes(0);
  const bool negative = in.take('-');
  if (!negative && !in.take('+')) return std::nullopt;
  int hours = 0;
  int mins = 0;
  if (!in.number(2, hours)) return std::nullopt;
  if (in.take(':') || in.digit_next()) {
    if (!in.number(2, mins)) return std::nullopt;
  }
  if (hours > 15 || mins > 59) return std::nullopt;
  const minutes total(hours * 60 + mins);
  return negative ? -total : total;
}

}  // namespace

Timestamp now() {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp time) {
  if (time == Timestamp::min()) return "-infinity";
  if (time == Timestamp::max()) return "infinity";
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto micros = clock.subseconds().count();
  std::array<char, 64> out{};
  int n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                        static_cast<int>(clock.minutes().count()),
                        static_cast<int>(clock.seconds().count()));
  std::string text(out.data(), static_cast<std::size_t>(n));
  if (micros != 0) {
    n = std::snprintf(out.data(), out.size(), ".%06ld", static_cast<long>(micros));
    text.append(out.data(), static_cast<std::size_t>(n));
  }
  return text + "Z";
}

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  Fields in(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.number(4, year) || !in.take('-') || !in.number(2, month) || !in.take('-') ||
      !in.number(2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  Timestamp time = std::chrono::sys_days(date);
  if (in.empty()) return time;
  if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;

  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!in.number(2, hour) || !in.take(':') || !in.number(2, minute)) return std::nullopt;
  if (in.take(':') && !in.number(2, second)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  time += std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  if (in.take('.') || in.take(',')) time += in.fraction();
  const auto shift = offset(in);
  if (!shift || !in.empty()) return std::nullopt;
  return time - *shift;
}

std::optional<Timestamp> from_unix_seconds(double seconds) noexcept {
  constexpr double limit =
      9.0e12;  // far past PostgreSQL's own range, well inside int64 of microseconds
  if (!std::isfinite(seconds) || std::abs(seconds) > limit / 1e3) return std::nullopt;
  return Timestamp(microseconds(std::llround(seconds * 1e6)));
}

}  // namespace loci
