#pragma once
#include <loci/transcript/drafts.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace loci::transcript {

/// The histories Loci reads.
enum class Format : std::uint8_t {
  automatic,    ///< Decided for each file by what is in it.
  chatgpt,      ///< The export of ChatGPT: conversations.json, or the zip that holds it.
  claude,       ///< The export of Claude.ai, or one of its conversations.
  claude_code,  ///< Session files of Claude Code.
  codex,        ///< Rollout files of Codex.
  openai,       ///< Chat messages as the OpenAI API takes them, JSON or JSONL.
  sharegpt,     ///< ShareGPT data sets, JSON or JSONL.
  oasst,        ///< OpenAssistant trees and messages.
  irc,          ///< IRC logs (`*.raw.txt`), reply links beside them.
  loci,         ///< What `loci export` writes.
};

/// The name the command line uses: "auto", "chatgpt", "claude-code", ...
[[nodiscard]] std::string_view to_string(Format format) noexcept;
[[nodiscard]] std::optional<Format> parse_format(std::string_view name) noexcept;

struct ReadOptions {
  Format format = Format::automatic;  ///< Anything else is forced on every file.
};

/// Reads a history into `sink`: a file, a zip, a folder, or "-" for standard input.
///
/// A folder is walked in sorted order; of its files `.json`, `.jsonl`, `.zip` and `.raw.txt` are
/// read, and one of these that holds no history is noted; others are passed over in silence. Of a
/// zip the members named `conversations*.json` are read, or every `.json` and `.jsonl` when there
/// are none of that name.
///
/// Whatever is wrong inside a file becomes a Skip that names file and place, and the rest is read.
/// Memory stays flat: one conversation (of at most 256 MB) is held at a time. Flat messages of
/// OpenAssistant trees are held until other trees follow: beyond 64 MB of them, the messages of a
/// tree must stand together in the file.
/// Errors: io when `path` does not exist. What `sink` throws passes through.
void read_history(const std::filesystem::path& path, const ReadOptions& options, Sink& sink);

/// The bytes that Sink::progress will report for these paths together; 0 for standard input. A zip
/// counts as large as it is on disk. A path that does not exist counts nothing.
[[nodiscard]] std::uint64_t input_size(std::span<const std::filesystem::path> paths);

}  // namespace loci::transcript
