#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace loci::embed {

/// A piece of a text, folded: what the hashing embedder makes its features of.
struct Word {
  std::string_view text;    ///< Folded UTF-8, without its marks.
  std::string_view marked;  ///< The same between `<` and `>`, so that n-grams know the word's ends.
  bool ideograph = false;   ///< One character of a script written without spaces, or one emoji.
  bool joined = false;      ///< Nothing stands between it and the word before.
};

/// A text taken apart into folded words. Move only: the words view into it.
///
/// Folding: bytes that are not UTF-8 separate words; upper case becomes lower case in Latin, Greek
/// and Cyrillic; accents of Latin, Greek tonos and combining marks are dropped; full-width forms
/// become ASCII; apostrophes inside a word vanish. Letters of other scripts stay as they are.
/// Han, kana, Hangul and emoji come as one word a character.
class Words {
public:
  explicit Words(std::string_view text);
  Words(Words&&) = delete;

  [[nodiscard]] const std::vector<Word>& list() const noexcept { return list_; }

private:
  std::string folded_;
  std::vector<Word> list_;
};

/// An English word so common that it says little of what a text is about.
[[nodiscard]] bool is_stop_word(std::string_view folded) noexcept;

/// `folded` without its English ending, so that most forms of a word meet: `-s -es -ies -ing -ed
/// -ly` and a final `e` go, a doubled consonant they leave behind is made single. `buffer` may hold
/// the result. Words with anything but ASCII letters, or shorter than four, stay.
[[nodiscard]] std::string_view english_stem(std::string_view folded, std::string& buffer);

}  // namespace loci::embed
