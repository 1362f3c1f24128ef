#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <format>

namespace loci::app {

namespace {

std::string styled(std::string_view code, std::string_view text) {
  static const bool colours = stdout_is_terminal() && std::getenv("NO_COLOR") == nullptr;
  if (!colours) return std::string(text);
  return std::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}
bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) != 0;
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bold(std::string_view text) {
  return styled("1", text);
}
std::string dim(std::string_view text) {
  return styled("2", text);
}
std::string yellow(std::string_view text) {
  return styled("33;1", text);
}

std::string with_thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? std::format("{} B", bytes) : std::format("{:.1f} {}", value, units[unit]);
}

std::string human_seconds(double seconds) {
  if (seconds < 1) return std::format("{:.0f} ms", seconds * 1000);
  if (seconds < 90) return std::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds);
  return std::format("{} min {} s", whole / 60, whole % 60);
}

std::string local_minute(Timestamp time) {
  std::string text = to_rfc3339(time).substr(0, 16);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte == 0xC2 && next >= 0x80 &&
        next < 0xA0) {  // U+0080 to U+009F, which terminals obey too
      out += ' ';
      ++i;
    } else {
      out += byte < 0x20 || byte == 0x7F ? ' ' : text[i];
    }
  }
  return out;
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find('\n');
    out.append(indent).append(printable(text.substr(0, end)));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

ProgressBar::ProgressBar(std::string_view label, bool quiet)
    : label_(label), shown_(!quiet && stderr_is_terminal()) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::update(std::uint64_t done, std::uint64_t total, std::uint64_t counted,
                         std::string_view unit) {
  const auto moment = Clock::now();
  if (!shown_ || moment - last_ < std::chrono::milliseconds(100)) return;
  last_ = moment;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(moment - start_).count();
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(counted) / std::max(seconds, 0.001));
  std::string line =
      std::format("{} {} {} ({}/s)", label_, with_thousands(counted), unit, with_thousands(rate));
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto filled = static_cast<std::size_t>(share * 24);
    std::string bar;
    for (std::size_t i = 0; i < 24; ++i) bar += i < filled ? "█" : "░";
    line = std::format("{} {:3.0f}%  {}", bar, share * 100, line);
    if (share > 0.02) line += ", " + human_seconds(seconds / share - seconds) + " left";
  }
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
}

}  // namespace loci::app
