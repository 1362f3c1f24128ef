#include "transcript/detect.hpp"
#include "transcript/history_file.hpp"
#include "transcript/record_stream.hpp"

#include <loci/base/error.hpp>

#include <utility>
#include <vector>

namespace loci::transcript {
namespace {

// Reads the records of one file: looks at the first few until they tell the format, gives those to
// its reader, and then all the others.
class RecordsOfFile {
public:
  RecordsOfFile(ByteStream& bytes, const std::string& name, Asked asked, Sink& sink,
                const ReaderLimits& limits)
      : stream_(bytes, limits.conversation),
        limits_(limits),
        name_(name),
        asked_(asked),
        sink_(sink) {}

  void read(Format forced) {
    look_ahead();
    if (seen_ == 0) return tell_no_history("the file is empty");
    const Format format = forced == Format::automatic ? told_.value_or(forced) : forced;
    std::unique_ptr<FormatReader> reader = make_reader(format, sink_, limits_);
    if (!reader) return tell_unknown();
    joins_arrays_ = format == Format::openai && is_message_;
    for (Record& record : ahead_) give(*reader, std::move(record));
    ahead_.clear();
    while (auto record = next()) give(*reader, *std::move(record));
    give_joined(*reader);
    reader->finish({name_, {}});
  }

  // What the first records look like, whatever was forced.
  [[nodiscard]] std::optional<Format> told() const { return told_; }

private:
  static constexpr std::size_t most_looked_at = 64;
  static constexpr std::size_t most_bytes_looked_at = std::size_t{8} << 20;

  std::optional<Record> next() {
    try {
      return stream_.next();
    } catch (const Error& error) {
      const bool from_stream =
          error.kind() == ErrorKind::io || error.kind() == ErrorKind::invalid_input;
      if (!from_stream) throw;  // the sink's, told of progress
      fault({}, error.what());
      return std::nullopt;
    }
  }

  void look_ahead() {
    std::size_t bytes = 0;
    while (!told_ && ahead_.size() < most_looked_at && bytes < most_bytes_looked_at) {
      auto record = next();
      if (!record) return;
      ++seen_;
      bytes += record->text.size();
      if (record->fault.empty()) look_at(*record);
      ahead_.push_back(*std::move(record));
    }
  }

  void look_at(const Record& record) {
    try {
      const JsonDocument document = JsonDocument::parse(record.text);
      is_json_ = true;
      told_ = sniff(document.root());
      is_message_ = document.root()["role"].exists();
    } catch (const Error& error) {
      if (first_fault_.empty()) first_fault_ = error.what();
    }
  }

  void give(FormatReader& reader, Record record) {
    if (!record.fault.empty()) {
      give_joined(reader);
      return fault(record.where, record.fault);
    }
    if (joins_arrays_ && record.array != 0) return join(reader, std::move(record));
    give_text(reader, std::move(record.text), record.where, record.last);
  }

  void give_text(FormatReader& reader, std::string text, const std::string& where, bool last) {
    std::optional<JsonDocument> document;
    try {
      document = JsonDocument::parse(std::move(text));
    } catch (const Error& error) {
      return fault(where, last ? "torn: the file ends inside this record" : error.what());
    }
    reader.record(document->root(), {name_, where});
  }

  // An array of messages is one record: its elements are put together again.
  void join(FormatReader& reader, Record element) {
    if (element.array != joined_array_) {
      give_joined(reader);
      joined_array_ = element.array;
      joined_too_large_ = false;
    }
    if (joined_too_large_) return;
    try {
      (void)JsonDocument::parse(element.text);  // a broken element must not spoil the others
    } catch (const Error& error) {
      return fault(element.where, error.what());
    }
    if (joined_.size() + element.text.size() > limits_.conversation) {
      joined_too_large_ = true;
      joined_ = {};
      return fault(element.where, "the conversation is larger than 256 MB; left out");
    }
    if (joined_.empty()) joined_where_ = element.where;
    joined_ += joined_.empty() ? '[' : ',';
    joined_ += element.text;
  }

  void give_joined(FormatReader& reader) {
    if (joined_.empty()) return;
    joined_ += ']';
    give_text(reader, std::exchange(joined_, {}), joined_where_, false);
  }

  void tell_unknown() {
    for (const Record& record : ahead_) {
      if (!record.fault.empty()) return fault(record.where, record.fault);
    }
    if (is_json_) return tell_no_history("JSON, but no chat history of a known format");
    if (ahead_.size() == 1 && ahead_.front().last) {
      return fault(ahead_.front().where, "torn or no JSON: " + first_fault_);
    }
    fault(ahead_.front().where, "no chat history of a known format: " + first_fault_);
  }

  void tell_no_history(std::string reason) {
    const auto severity = asked_ == Asked::by_name ? Skip::Severity::fault : Skip::Severity::note;
    sink_.skip({severity, name_, {}, std::move(reason)});
  }

  void fault(std::string where, std::string reason) {
    sink_.skip({Skip::Severity::fault, name_, std::move(where), std::move(reason)});
  }

  RecordStream stream_;
  ReaderLimits limits_;
  const std::string& name_;
  Asked asked_;
  Sink& sink_;
  std::vector<Record> ahead_;
  std::size_t seen_ = 0;
  bool is_json_ = false;  // some record was
  std::optional<Format> told_;
  std::string first_fault_;
  bool is_message_ = false;  // the record that told the format is a bare message
  bool joins_arrays_ = false;
  std::string joined_;
  std::string joined_where_;
  std::uint32_t joined_array_ = 0;
  bool joined_too_large_ = false;
};

}  // namespace

std::optional<Format> read_records(ByteStream& bytes, const std::string& name, Format forced,
                                   Asked asked, Sink& sink, const ReaderLimits& limits) {
  RecordsOfFile records(bytes, name, asked, sink, limits);
  records.read(forced);
  return records.told();
}

}  // namespace loci::transcript
