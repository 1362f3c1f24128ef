#include "transcript/record_stream.hpp"

#include <algorithm>

namespace loci::transcript {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;
constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// Follows a value byte by byte until the bracket that closes it.
class Nesting {
public:
  enum class Step : std::uint8_t { inside, closed, broken_line };

  // `line_breaks_end_it`: a line break inside a string, or an object that starts a line where no
  // value may stand, means that the line was torn.
  explicit Nesting(bool line_breaks_end_it) : strict_(line_breaks_end_it) {}

  Step take(char c) {
    if (in_string_) return take_in_string(c);
    if (c == '\n') {
      at_line_start_ = true;
      return Step::inside;
    }
    if (c == ' ' || c == '\t' || c == '\r') {
      at_line_start_ = false;
      return Step::inside;
    }
    const bool torn = strict_ && at_line_start_ && c == '{' && depth_ > 0 && !may_hold_value();
    if (torn) return Step::broken_line;
    at_line_start_ = false;
    last_ = c;
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      return Step::closed;
    }
    return Step::inside;
  }

private:
  Step take_in_string(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    } else if (c == '\n' && strict_) {
      return Step::broken_line;
    }
    return Step::inside;
  }

  [[nodiscard]] bool may_hold_value() const { return last_ == ':' || last_ == ',' || last_ == '['; }

  bool strict_;
  bool in_string_ = false;
  bool escaped_ = false;
  bool at_line_start_ = false;
  char last_ = 0;
  std::uint64_t depth_ = 0;
};

Record broken(std::string where, std::string fault, std::uint32_t array = 0) {
  Record record;
  record.where = std::move(where);
  record.array = array;
  record.fault = std::move(fault);
  return record;
}

}  // namespace

RecordStream::RecordStream(ByteStream& bytes, std::size_t limit)
    : bytes_(bytes), limit_(limit), buffer_(buffer_size) {}

bool RecordStream::fill() {
  if (begin_ < end_) return true;
  begin_ = 0;
  end_ = bytes_.read(buffer_);
  return end_ > 0;
}

std::string_view RecordStream::rest() const {
  return {buffer_.data() + begin_, end_ - begin_};
}

void RecordStream::skip(std::size_t size) {
  const auto lines = std::ranges::count(rest().substr(0, size), '\n');
  line_ += static_cast<std::uint64_t>(lines);
  offset_ += size;
  begin_ += size;
}

// False at the end of the stream.
bool RecordStream::skip_white_space(bool and_commas) {
  while (fill()) {
    const std::string_view window = rest();
    const auto found = window.find_first_not_of(and_commas ? " \t\r\n," : white_space);
    skip(std::min(found, window.size()));
    if (found != std::string_view::npos) return true;
  }
  return false;
}

void RecordStream::skip_byte_order_mark() {
  // A pipe may give the first bytes one at a time.
  while (end_ < 3) {
    const std::size_t got = bytes_.read(std::span(buffer_).subspan(end_));
    if (got == 0) break;
    end_ += got;
  }
  if (rest().starts_with("\xef\xbb\xbf")) skip(3);
  if (rest().starts_with("\xff\xfe") || rest().starts_with("\xfe\xff")) layout_ = Layout::utf16;
}

std::string RecordStream::line_here() const {
  return "line " + std::to_string(line_);
}

std::optional<Record> RecordStream::next() {
  if (!started_) {
    started_ = true;
    skip_byte_order_mark();
  }
  for (;;) {
    switch (layout_) {
      case Layout::ended:
        return std::nullopt;
      case Layout::utf16:
        layout_ = Layout::ended;
        return broken("line 1", "UTF-16 text, and only UTF-8 is read");
      case Layout::lines:
        return next_line();
      case Layout::array: {
        if (auto record = next_element()) return record;
        break;  // the array was closed; something may follow
      }
      case Layout::unknown:
      case Layout::values: {
        if (!skip_white_space(false)) {
          layout_ = Layout::ended;
          return std::nullopt;
        }
        if (rest().front() == '[') {
          skip(1);
          layout_ = Layout::array;
          ++arrays_;
          break;
        }
        return next_value();
      }
    }
  }
}

std::optional<Record> RecordStream::next_line() {
  for (;;) {
    std::string text;
    const std::string where = line_here();
    bool complete = false;
    while (!complete && fill()) {
      const std::string_view window = rest();
      const auto end = window.find('\n');
      complete = end != std::string_view::npos;
      keep(text, window.substr(0, end));
      skip(complete ? end + 1 : window.size());
    }
    if (text.empty() && !complete && !too_large_) {
      layout_ = Layout::ended;
      return std::nullopt;
    }
    const std::string_view line = trimmed(text);
    if (line.empty() && !too_large_) continue;
    if (line.size() != text.size()) text = std::string(line);
    Record record = finished(std::move(text), where);
    record.last = !complete;
    return record;
  }
}

std::optional<Record> RecordStream::next_value() {
  const std::string where = line_here();
  const std::uint64_t first_line = line_;
  if (rest().front() != '{') {
    // Nothing that brackets could delimit: taken by the line.
    const bool after_array = arrays_ > 0;
    layout_ = Layout::lines;
    if (!after_array) return next_line();
    layout_ = Layout::ended;
    return broken(where, "more bytes after the end of the array");
  }
  std::string text;
  switch (cut_value(text)) {
    case Cut::whole:
      settle_layout_after(first_line);
      return finished(std::move(text), where);
    case Cut::end_of_line:
      return after_line_break_inside(where);
    case Cut::end_of_stream:
      break;
  }
  layout_ = Layout::ended;
  if (too_large_) return finished({}, where);
  return broken(where, "cut off before its end");
}

// JSONL is what ends its first value with the line it began on.
void RecordStream::settle_layout_after(std::uint64_t first_line) {
  if (layout_ != Layout::unknown || arrays_ > 0) return;
  layout_ = Layout::values;
  if (line_ != first_line) return;
  while (fill()) {
    const char c = rest().front();
    if (c == '\n') layout_ = Layout::lines;
    if (c != ' ' && c != '\t' && c != '\r') return;
    skip(1);
  }
}

Record RecordStream::after_line_break_inside(std::string where) {
  layout_ = Layout::lines;
  too_large_ = false;
  return broken(std::move(where), "torn: the line ends inside a value");
}

// Nothing when the array is closed.
std::optional<Record> RecordStream::next_element() {
  if (!skip_white_space(true)) {
    layout_ = Layout::ended;
    return broken("after conversation " + std::to_string(elements_) + " (byte " +
                      std::to_string(offset_) + ")",
                  "the file is cut off: its array is not closed", arrays_);
  }
  const char first = rest().front();
  if (first == ']') {
    skip(1);
    layout_ = Layout::values;
    return std::nullopt;
  }
  const std::string where =
      "conversation " + std::to_string(++elements_) + " (byte " + std::to_string(offset_) + ")";
  std::string text;
  if (first == '{' || first == '[') {
    if (cut_value(text) == Cut::end_of_stream) {
      layout_ = Layout::ended;
      if (too_large_) return finished({}, where);
      return broken(where, "the file is cut off inside this record", arrays_);
    }
  } else {
    cut_scalar(text);
    text.resize(text.find_last_not_of(white_space) + 1);
  }
  Record record = finished(std::move(text), where);
  record.array = arrays_;
  return record;
}

// Cuts the object or array that begins here.
RecordStream::Cut RecordStream::cut_value(std::string& text) {
  Nesting nesting(layout_ == Layout::unknown || layout_ == Layout::values);
  while (fill()) {
    const std::string_view window = rest();
    for (std::size_t i = 0; i < window.size(); ++i) {
      const Nesting::Step step = nesting.take(window[i]);
      if (step == Nesting::Step::inside) continue;
      const bool closed = step == Nesting::Step::closed;
      keep(text, window.substr(0, i + 1));
      // A broken line's successor may begin at this very byte.
      skip(closed || window[i] == '\n' ? i + 1 : i);
      return closed ? Cut::whole : Cut::end_of_line;
    }
    keep(text, window);
    skip(window.size());
  }
  return Cut::end_of_stream;
}

// Cuts a number, a word or a string out of an array.
void RecordStream::cut_scalar(std::string& text) {
  bool in_string = false;
  bool escaped = false;
  while (fill()) {
    const char c = rest().front();
    if (!in_string && (c == ',' || c == ']' || c == '{' || c == '[')) return;
    if (in_string && escaped) {
      escaped = false;
    } else if (in_string && c == '\\') {
      escaped = true;
    } else if (c == '"') {
      in_string = !in_string;
    }
    keep(text, rest().substr(0, 1));
    skip(1);
  }
}

void RecordStream::keep(std::string& text, std::string_view piece) {
  if (too_large_) return;
  if (text.size() + piece.size() <= limit_) {
    text += piece;
    return;
  }
  too_large_ = true;
  text.clear();
  text.shrink_to_fit();
}

Record RecordStream::finished(std::string text, std::string where) {
  Record record;
  record.text = std::move(text);
  record.where = std::move(where);
  if (too_large_) {
    record.text.clear();
    record.fault = "larger than " + std::to_string(limit_ >> 20) + " MB";
    too_large_ = false;
  }
  return record;
}

}  // namespace loci::transcript
