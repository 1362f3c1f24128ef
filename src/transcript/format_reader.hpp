#pragma once
#include <loci/base/json.hpp>
#include <loci/transcript/drafts.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace loci::transcript {

/// Where a record stands in its file; for messages to a person.
struct Place {
  std::string file;   ///< As the user named it; inside a zip `export.zip:conversations.json`.
  std::string where;  ///< "line 12", "conversation 3 (byte 4711)".
};

/// What readers may hold in memory, in bytes; smaller in tests alone.
struct ReaderLimits {
  std::size_t conversation = std::size_t{256} << 20;  ///< One conversation, or one record.
  std::size_t open_trees = std::size_t{64} << 20;     ///< Flat messages of trees that may go on.
};

/// Turns the JSON records of one file (elements of a top-level array, lines of a JSONL file, or the
/// one value of a document) into drafts. One object reads one file.
///
/// A record that is broken is told to the sink as a fault and left out; the rest goes on. A
/// conversation goes to the sink whole (begin .. end) or not at all.
class FormatReader {
public:
  virtual ~FormatReader() = default;
  virtual void record(const Json& record, const Place& place) = 0;
  virtual void finish(const Place& file) = 0;  ///< The file is over: hand over what was held back.
};

std::unique_ptr<FormatReader> make_chatgpt_reader(Sink& sink);
std::unique_ptr<FormatReader> make_claude_reader(Sink& sink);  ///< The Claude.ai export.
std::unique_ptr<FormatReader> make_claude_code_reader(Sink& sink);
std::unique_ptr<FormatReader> make_codex_reader(Sink& sink);
std::unique_ptr<FormatReader> make_openai_reader(
    Sink& sink, const ReaderLimits& limits = {});  ///< Chat messages, JSON or JSONL.
std::unique_ptr<FormatReader> make_sharegpt_reader(Sink& sink);
std::unique_ptr<FormatReader> make_oasst_reader(
    Sink& sink, const ReaderLimits& limits = {});            ///< OpenAssistant trees and messages.
std::unique_ptr<FormatReader> make_loci_reader(Sink& sink);  ///< What `loci export` writes.

}  // namespace loci::transcript
