#pragma once
#include "transcript/byte_stream.hpp"
#include "transcript/format_reader.hpp"

#include <loci/transcript/import.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace loci::transcript {

/// How strictly a file is judged that holds no history.
enum class Asked : std::uint8_t {
  by_name,  ///< The user named it: a fault.
  found,    ///< It lay in a folder or a zip: a note.
};

/// Reads the JSON records of `bytes` into `sink`, with the reader of the format that is forced, or
/// that its first records tell. `name` is what faults call it. Returns what they tell, if anything.
std::optional<Format> read_records(ByteStream& bytes, const std::string& name, Format forced,
                                   Asked asked, Sink& sink, const ReaderLimits& limits = {});

/// True for the names that are read when a folder is: .json, .jsonl, .zip and .raw.txt, either
/// case.
[[nodiscard]] bool is_history_name(const std::filesystem::path& path);

/// Reads one file of any kind: JSON, JSONL, zip or IRC log. What is wrong goes to `sink`, also that
/// the file cannot be opened; progress adds up to its size.
void read_file(const std::filesystem::path& path, Format forced, Asked asked, Sink& sink);

}  // namespace loci::transcript
