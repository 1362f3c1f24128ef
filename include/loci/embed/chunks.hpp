#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace loci::embed {

struct ChunkOptions {
  std::size_t max_bytes = 2000;     ///< Of one chunk; 16 or more.
  std::size_t overlap_bytes = 200;  ///< At most this much of a chunk is repeated in the next; half
                                    ///< of max_bytes at most.
  std::size_t max_chunks = 64;      ///< What lies past the last one is left out. 1 or more.
};

/// Cuts a text into pieces that are worth a vector each: at a paragraph where one ends in the
/// second half of the piece, else at a sentence, else between words, else between characters. Never
/// inside a UTF-8 character. A repeated part begins at a word where it holds one.
///
/// Pieces are views into `text`, in order, without white space at their ends, none blank; a text
/// that fits is one piece, a blank text gives none.
/// Errors: invalid_argument, for options out of range.
[[nodiscard]] std::vector<std::string_view> split_text(std::string_view text,
                                                       const ChunkOptions& options = {});

}  // namespace loci::embed
