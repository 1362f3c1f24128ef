#include <loci/base/error.hpp>
#include <loci/embed/chunks.hpp>

#include <array>

#include "embed/blank.hpp"

namespace loci::embed {
namespace {

constexpr std::string_view spaces = " \t\n\r";

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The boundary of a character at or just before `at`. Bytes that are no UTF-8 are cut anywhere.
std::size_t character_before(std::string_view text, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && at - start < 3 && continues_character(text[start])) --start;
  return continues_character(text[start]) ? at : start;
}

bool ends_sentence(std::string_view window, std::size_t at) {
  const char c = window[at];
  if (c == '\n') return true;
  const bool stop = c == '.' || c == '!' || c == '?';
  return stop && at + 1 < window.size() && spaces.contains(window[at + 1]);
}

// Full-width stop, exclamation and question mark: no space follows them.
bool ends_wide_sentence(std::string_view until) {
  static constexpr auto stops = std::to_array<std::string_view>({"\u3002", "\uff01", "\uff1f"});
  for (const auto stop : stops) {
    if (until.ends_with(stop)) return true;
  }
  return false;
}

// How much of `text`, which is longer than `max`, becomes the next piece: over half of `max`.
std::size_t cut(std::string_view text, std::size_t max) {
  const std::string_view window = text.substr(0, max);
  const std::size_t least = max / 2;
  if (const auto at = window.rfind("\n\n"); at != window.npos && at > least) return at;
  for (std::size_t at = max; at-- > least + 1;) {
    if (ends_sentence(window, at) || ends_wide_sentence(window.substr(0, at + 1))) return at + 1;
  }
  // A space just behind the window makes all of it whole words.
  if (spaces.contains(text[max])) return max;
  const auto at = window.find_last_of(spaces);
  return at != window.npos && at > least ? at : character_before(text, max);
}

// Where the piece after [.., end) begins: `overlap` earlier, or at the first word after that.
std::size_t next_start(std::string_view text, std::size_t end, std::size_t overlap) {
  if (overlap == 0) return end;
  std::size_t start = end - overlap;
  while (start < end && continues_character(text[start])) ++start;
  const auto space = text.substr(0, end).find_first_of(spaces, start - 1);
  return space == text.npos ? start : space + 1;
}

}  // namespace

std::vector<std::string_view> split_text(std::string_view text, const ChunkOptions& options) {
  if (options.max_bytes < 16 || options.max_chunks < 1 ||
      options.overlap_bytes > options.max_bytes / 2) {
    throw Error(ErrorKind::invalid_argument, "chunks: max_bytes, overlap_bytes or max_chunks");
  }
  std::vector<std::string_view> pieces;
  const char* covered = nullptr;
  const auto take = [&](std::string_view piece) {
    // A piece cut in the white space behind the last one would only repeat its end.
    const char* end = piece.data() + piece.size();
    if (!pieces.empty() && end <= covered) return;
    pieces.push_back(piece);
    covered = end;
  };
  text = trim(text);
  while (!text.empty() && pieces.size() < options.max_chunks) {
    if (text.size() <= options.max_bytes) {
      take(text);
      break;
    }
    const std::size_t end = cut(text, options.max_bytes);
    take(trim(text.substr(0, end)));
    text = trim(text.substr(next_start(text, end, options.overlap_bytes)));
  }
  return pieces;
}

}  // namespace loci::embed
