#include "transcript/irc_log.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace loci::transcript {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// `digits` as a number below `limit`.
std::optional<int> number(std::string_view digits, int limit) {
  int value = 0;
  const char* end = digits.data() + digits.size();
  const bool all_digits = digits.find_first_not_of("0123456789") == std::string_view::npos;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (!all_digits || error != std::errc() || stop != end || value >= limit) return std::nullopt;
  return value;
}

// "[HH:MM] " at the start of the line.
std::optional<minutes> clock_of(std::string_view line) {
  if (line.size() < 8 || line[0] != '[' || line[3] != ':' || line.substr(6, 2) != "] ") {
    return std::nullopt;
  }
  const auto hour = number(line.substr(1, 2), 24);
  const auto minute = number(line.substr(4, 2), 60);
  if (!hour || !minute) return std::nullopt;
  return hours(*hour) + minutes(*minute);
}

// "YYYY-MM-DD" somewhere in the name; says where it ends.
std::optional<std::chrono::sys_days> date_in(std::string_view name, std::size_t& end) {
  constexpr std::size_t size = 10;
  for (std::size_t at = 0; at + size <= name.size(); ++at) {
    const std::string_view text = name.substr(at, size);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!is_digit(text[0]) || text[4] != '-' || text[7] != '-') continue;
    if (const auto time = parse_timestamp(text)) {
      end = at + size;
      return std::chrono::floor<std::chrono::days>(*time);
    }
  }
  return std::nullopt;
}

}  // namespace

IrcLine read_irc_line(std::string_view line) {
  const auto clock = clock_of(line);
  if (!clock) return {};
  const std::string_view rest = line.substr(8);
  const std::size_t end_of_nick = rest.find('>');
  if (!rest.starts_with('<') || end_of_nick == std::string_view::npos) {
    return {IrcLine::Kind::action, *clock, {}, {}};
  }
  std::string_view text = rest.substr(end_of_nick + 1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  return {IrcLine::Kind::message, *clock, rest.substr(1, end_of_nick - 1), text};
}

minutes IrcClock::advance(minutes clock) {
  constexpr minutes half_day = hours(12);
  if (!started_) {
    started_ = true;
    return latest_ = clock;
  }
  minutes time = clock + half_days_;
  if (latest_ - time <= half_day / 2) return latest_ = std::max(latest_, time);
  while (time < latest_) {
    time += half_day;
    half_days_ += half_day;
  }
  return latest_ = time;
}

IrcName read_irc_name(const std::filesystem::path& raw_file) {
  IrcName name{.stem = raw_file.filename().string(), .date = {}, .hour = {}};
  for (const std::string_view ending : {".txt", ".raw"}) {
    if (name.stem.ends_with(ending)) name.stem.resize(name.stem.size() - ending.size());
  }
  std::size_t end = 0;
  name.date = date_in(name.stem, end);
  const std::string_view rest = std::string_view(name.stem).substr(end);
  if (name.date && rest.size() == 3 && rest[0] == '_') {
    if (const auto hour = number(rest.substr(1), 24)) name.hour = hours(*hour);
  }
  return name;
}

IrcLinks read_irc_links(const std::filesystem::path& annotation_file) {
  IrcLinks links;
  std::ifstream file(annotation_file);
  std::uint64_t line_number = 0;
  for (std::string line; std::getline(file, line);) {
    ++line_number;
    const char* end = line.data() + line.size();
    std::uint64_t one = 0;
    std::uint64_t other = 0;
    const auto first = std::from_chars(line.data(), end, one);
    const bool parted = first.ec == std::errc() && first.ptr != end && *first.ptr == ' ';
    const auto second = parted ? std::from_chars(first.ptr + 1, end, other) : first;
    if (!parted || second.ec != std::errc()) {
      if (line.find_first_not_of(" \t\r") != std::string::npos) {
        links.broken_lines.push_back(line_number);
      }
      continue;
    }
    links.answered_by[std::max(one, other)].push_back(std::min(one, other));
  }
  for (auto& [line, answered] : links.answered_by) {
    std::ranges::sort(answered);
    const auto [first, last] = std::ranges::unique(answered);
    answered.erase(first, last);
  }
  return links;
}

std::optional<Timestamp> irc_midnight(const IrcName& name, minutes anchor) {
  if (!name.date) return std::nullopt;
  const auto whole_days = std::chrono::floor<std::chrono::days>(anchor);
  const hours off = name.hour ? *name.hour - std::chrono::floor<hours>(anchor) : hours(1);
  const bool fits = off % hours(12) == hours(0);  // else the name and the log contradict each other
  return *name.date + (fits ? off : -hours(whole_days));
}

}  // namespace loci::transcript
