#pragma once

namespace loci::embed {

/// What a code point is to the tokenizer.
enum class LetterKind : unsigned char {
  separator,  ///< Ends a word.
  letter,     ///< Part of a word (digits too).
  ideograph,  ///< A word by itself.
  ignored,    ///< As if it were not there: combining marks, joiners, variation selectors.
};

struct Letter {
  LetterKind kind = LetterKind::separator;
  char32_t folded = 0;  ///< Lower case, without accent, where the folding knows the script.
};

[[nodiscard]] Letter classify(char32_t code) noexcept;

}  // namespace loci::embed
