#pragma once
#include <loci/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The parts of an IRC log: its lines, its clock and its reply links. No sink, no conversations.
namespace loci::transcript {

/// A line of the log, seen as what it is. Views live as long as the line.
struct IrcLine {
  enum class Kind : std::uint8_t { message, action, system };
  Kind kind = Kind::system;
  std::chrono::minutes clock{};  ///< As written; only where `kind` is not system.
  std::string_view nick;         ///< These two only of a message.
  std::string_view text;
};
[[nodiscard]] IrcLine read_irc_line(std::string_view line);

/// Makes one ever-growing time of the clock in a log that has no dates.
class IrcClock {
public:
  /// The time since midnight before the first line. Falling back by less than half of a half day is
  /// a clock that was set, and time stands still; by more it is the next half day.
  std::chrono::minutes advance(std::chrono::minutes clock);

private:
  bool started_ = false;
  std::chrono::minutes latest_{};
  std::chrono::minutes half_days_{};
};

/// What the name of a log says of its time.
struct IrcName {
  std::string stem;  ///< The file's name without `.raw.txt`.
  std::optional<std::chrono::sys_days> date;
  std::optional<std::chrono::hours> hour;
};
[[nodiscard]] IrcName read_irc_name(const std::filesystem::path& raw_file);

/// The reply links of a log: for each line those it answers, in ascending order; itself when it
/// starts a thread.
struct IrcLinks {
  std::map<std::uint64_t, std::vector<std::uint64_t>> answered_by;
  std::vector<std::uint64_t> broken_lines;  ///< Of the annotation file, from 1.
};
/// Empty when there is no such file.
[[nodiscard]] IrcLinks read_irc_links(const std::filesystem::path& annotation_file);

/// Midnight before the first line, from the name of the log; `anchor` is the time of the line the
/// name speaks of, as IrcClock counts.
[[nodiscard]] std::optional<Timestamp> irc_midnight(const IrcName& name,
                                                    std::chrono::minutes anchor);

}  // namespace loci::transcript
