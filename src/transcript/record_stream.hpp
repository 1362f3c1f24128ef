#pragma once
#include "transcript/byte_stream.hpp"
#include "transcript/format_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loci::transcript {

/// One JSON value of a file, as text, and where it stood. When `fault` is not empty the value could
/// not be cut out whole; `text` is then empty.
struct Record {
  std::string text;
  std::string where;        ///< "line 12", or "conversation 3 (byte 4711)" in an array.
  std::uint32_t array = 0;  ///< Which top-level array it is an element of, from 1; 0: of none.
  bool last = false;        ///< The stream ends with it, without a line break: it may be torn.
  std::string fault;
};

/// Cuts a stream of bytes into JSON records without parsing them, one record in memory at a time.
///
/// Three layouts are told apart by their first bytes:
/// - the elements of a top-level array (several arrays after another count on);
/// - JSONL, when the first value ends with its line: each line is a record, blank ones are passed
///   over, a broken line costs only itself;
/// - values that span lines or stand on one line together, split where their brackets close.
/// A byte order mark and CRLF are accepted. What a record holds is not checked here.
class RecordStream {
public:
  static constexpr std::size_t default_limit = ReaderLimits{}.conversation;

  /// `bytes` must outlive this object. A record larger than `limit` is passed over as a fault.
  explicit RecordStream(ByteStream& bytes, std::size_t limit = default_limit);

  /// The next record; nothing at the end of the stream. Errors: those of ByteStream::read.
  [[nodiscard]] std::optional<Record> next();

private:
  enum class Layout : std::uint8_t { unknown, lines, values, array, utf16, ended };
  enum class Cut : std::uint8_t { whole, end_of_stream, end_of_line };

  // The buffered window on the stream.
  [[nodiscard]] bool fill();
  [[nodiscard]] std::string_view rest() const;
  void skip(std::size_t size);
  [[nodiscard]] bool skip_white_space(bool and_commas);
  void skip_byte_order_mark();

  [[nodiscard]] std::optional<Record> next_line();
  [[nodiscard]] std::optional<Record> next_value();
  [[nodiscard]] std::optional<Record> next_element();
  [[nodiscard]] Record after_line_break_inside(std::string where);
  [[nodiscard]] Cut cut_value(std::string& text);
  void cut_scalar(std::string& text);
  void keep(std::string& text, std::string_view piece);
  void settle_layout_after(std::uint64_t first_line);
  [[nodiscard]] Record finished(std::string text, std::string where);
  [[nodiscard]] std::string line_here() const;

  ByteStream& bytes_;
  std::size_t limit_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of begin_ in the stream
  std::uint64_t line_ = 1;    // of begin_
  bool started_ = false;
  bool too_large_ = false;  // the record being cut went over the limit
  Layout layout_ = Layout::unknown;
  std::uint32_t arrays_ = 0;
  std::uint64_t elements_ = 0;
};

}  // namespace loci::transcript
