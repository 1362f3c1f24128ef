#include "transcript/irc.hpp"

#include <loci/base/json_writer.hpp>
#include <loci/base/text.hpp>

#include "transcript/draft_building.hpp"
#include "transcript/irc_log.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

namespace loci::transcript {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

// The lines of a log, numbered from 0, their ends cut off.
class Lines {
public:
  explicit Lines(const fs::path& path) : file_(path, std::ios::binary) {}

  [[nodiscard]] bool is_open() const { return file_.is_open(); }

  bool next() {
    if (!std::getline(file_, line_)) return false;
    size_ = line_.size() + (file_.eof() ? 0 : 1);
    if (line_.ends_with('\r')) line_.pop_back();
    ++count_;
    return true;
  }

  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] std::uint64_t number() const { return count_ - 1; }
  [[nodiscard]] std::uint64_t size() const { return size_; }  // bytes in the file

private:
  std::ifstream file_;
  std::string line_;
  std::uint64_t count_ = 0;
  std::uint64_t size_ = 0;
};

// What one pass over the log shows that its messages need from the start.
struct Survey {
  std::vector<bool> is_message;  // by line number
  bool has_messages = false;
  minutes anchor{};  // the time of the first annotated line
};

Survey survey(const fs::path& path, const IrcLinks& links) {
  const std::uint64_t annotated = links.answered_by.empty() ? 0 : links.answered_by.begin()->first;
  Survey found;
  IrcClock clock;
  bool anchored = false;
  for (Lines lines(path); lines.next();) {
    const IrcLine line = read_irc_line(lines.line());
    found.is_message.push_back(line.kind == IrcLine::Kind::message);
    if (line.kind == IrcLine::Kind::system) continue;
    const minutes time = clock.advance(line.clock);
    if (!anchored) found.anchor = time;
    anchored = anchored || lines.number() >= annotated;
    found.has_messages = found.has_messages || found.is_message.back();
  }
  return found;
}

class Log {
public:
  Log(const fs::path& path, Sink& sink)
      : path_(path),
        sink_(sink),
        name_(read_irc_name(path)),
        annotation_(path.parent_path() / (name_.stem + ".annotation.txt")),
        links_(read_irc_links(annotation_)),
        survey_(survey(path, links_)),
        midnight_(irc_midnight(name_, survey_.anchor)) {}

  void read() {
    if (!survey_.has_messages)
      return skip_fault(sink_, {path_.string(), ""}, "no line of an IRC log");
    ConversationDraft conversation;
    conversation.source = "irc";
    conversation.source_id = to_storable(name_.stem);
    conversation.title = conversation.source_id;
    sink_.begin(std::move(conversation));
    for (Lines lines(path_); lines.next();) {
      take(lines.number(), read_irc_line(lines.line()));
      sink_.progress(lines.size());
    }
    sink_.end({.current_leaf = std::nullopt, .title = std::nullopt, .updated_at = latest_});
    tell_of_links();
  }

private:
  void take(std::uint64_t number, const IrcLine& line) {
    const Place place{path_.string(), "line " + std::to_string(number + 1)};
    if (line.kind == IrcLine::Kind::system) {
      return skip_note(sink_, place, "a line of the system, not a message");
    }
    const minutes time = clock_.advance(line.clock);
    if (line.kind == IrcLine::Kind::action)
      return skip_note(sink_, place, "an action, not a message");
    rank_ = time == minute_ ? rank_ + 1 : 0;
    minute_ = time;
    MessageDraft message;
    message.source_id = std::to_string(number);
    message.content = to_storable(line.text);
    if (message.content != line.text) {
      skip_note(sink_, place,
                "NUL, or bytes that are not UTF-8, in a message; U+FFFD stands there");
    }
    message.created_at = latest_ = time_of_message();
    answer(number, line, message);
    sink_.message(std::move(message));
  }

  [[nodiscard]] std::optional<Timestamp> time_of_message() const {
    if (!midnight_) return std::nullopt;
    constexpr std::int64_t most = 59'999'999;  // microseconds that still are the same minute
    return *midnight_ + minute_ + std::chrono::microseconds(std::min(rank_, most));
  }

  void answer(std::uint64_t number, const IrcLine& line, MessageDraft& message) {
    JsonWriter metadata;
    metadata.object().member("author").value(to_storable(line.nick));
    const auto links = links_.answered_by.find(number);
    if (links != links_.answered_by.end()) {
      const bool starts = links->second.back() == number;
      const auto answered = std::span(links->second).first(links->second.size() - (starts ? 1 : 0));
      if (starts) metadata.member("starts_thread").value(true);
      if (!answered.empty()) metadata.member("replies_to").array();
      for (const std::uint64_t other : answered) {
        metadata.value(other);
        if (survey_.is_message[other]) message.parent = std::to_string(other);  // the nearest stays
      }
      if (!answered.empty()) metadata.close();
      links_.answered_by.erase(links);
    }
    metadata.close();
    message.metadata.text = std::move(metadata).text();
  }

  // What is left of the links once every message took its own.
  void tell_of_links() {
    for (const auto& [line, answered] : links_.answered_by) {
      const Place place{annotation_.string(), "links of line " + std::to_string(line + 1)};
      const bool in_log = line < survey_.is_message.size();
      for (std::size_t link = 0; link < answered.size(); ++link) {
        if (in_log) {
          skip_note(sink_, place, "a reply link of a line that is no message");
        } else {
          skip_fault(sink_, place, "a reply link of a line that the log does not have");
        }
      }
    }
    for (const std::uint64_t line : links_.broken_lines) {
      skip_fault(sink_, {annotation_.string(), "line " + std::to_string(line)}, "not a reply link");
    }
  }

  fs::path path_;
  Sink& sink_;
  IrcName name_;
  fs::path annotation_;
  IrcLinks links_;
  Survey survey_;
  std::optional<Timestamp> midnight_;
  std::optional<Timestamp> latest_;
  IrcClock clock_;
  minutes minute_{-1};
  std::int64_t rank_ = 0;
};

}  // namespace

void read_irc(const fs::path& raw_file, Sink& sink) {
  if (!Lines(raw_file).is_open())
    return skip_fault(sink, {raw_file.string(), ""}, "cannot be opened");
  Log(raw_file, sink).read();
}

}  // namespace loci::transcript
