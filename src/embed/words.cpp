#include "embed/words.hpp"

#include <loci/base/text.hpp>

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "embed/letters.hpp"

namespace loci::embed {
namespace {

constexpr bool is_apostrophe(char32_t c) {
  return c == '\'' || c == 0x2019;
}

constexpr auto stop_words = std::to_array<std::string_view>({
    "a",     "about",  "after",  "all",    "also",   "am",      "an",    "and",    "any",
    "are",   "arent",  "as",     "at",     "be",     "because", "been",  "before", "being",
    "but",   "by",     "can",    "cannot", "cant",   "could",   "did",   "didnt",  "do",
    "does",  "doesnt", "doing",  "dont",   "each",   "else",    "etc",   "ever",   "every",
    "few",   "for",    "from",   "get",    "gets",   "give",    "go",    "got",    "had",
    "has",   "have",   "having", "he",     "help",   "her",     "here",  "hers",   "hi",
    "him",   "his",    "how",    "i",      "id",     "if",      "ill",   "im",     "in",
    "into",  "is",     "isnt",   "it",     "its",    "ive",     "just",  "know",   "let",
    "lets",  "like",   "made",   "make",   "many",   "may",     "me",    "might",  "more",
    "most",  "much",   "must",   "my",     "need",   "no",      "not",   "now",    "of",
    "off",   "ok",     "on",     "once",   "one",    "only",    "or",    "other",  "our",
    "out",   "over",   "please", "really", "same",   "say",     "see",   "she",    "should",
    "so",    "some",   "such",   "than",   "thanks", "that",    "thats", "the",    "their",
    "them",  "then",   "there",  "theres", "these",  "they",    "thing", "things", "this",
    "those", "to",     "too",    "up",     "us",     "use",     "used",  "using",  "very",
    "want",  "was",    "way",    "we",     "well",   "were",    "what",  "when",   "where",
    "which", "while",  "who",    "why",    "will",   "with",    "wont",  "would",  "yes",
    "yet",   "you",    "youll",  "your",   "youre",  "yours",
});
static_assert(std::ranges::is_sorted(stop_words));

constexpr bool is_vowel(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

// Whether `stem` can stand alone once an ending is gone: `r-ed` and `str-ing` cannot.
bool stands_alone(std::string_view stem) {
  return stem.size() >= 3 && std::ranges::any_of(stem, is_vowel);
}

std::string_view undouble(std::string_view stem) {
  const std::size_t n = stem.size();
  const bool doubled = n >= 4 && stem[n - 1] == stem[n - 2] && !is_vowel(stem[n - 1]);
  if (doubled && stem[n - 1] != 'l' && stem[n - 1] != 's') stem.remove_suffix(1);
  return stem;
}

}  // namespace

Words::Words(std::string_view text) {
  // Views are made at the end: the string moves while it grows.
  struct Range {
    std::size_t begin, end;
    bool ideograph, joined;
  };
  const std::string clean = to_storable(text);
  std::vector<Range> ranges;
  ranges.reserve(clean.size() / 5 + 1);
  folded_.reserve(clean.size() + clean.size() / 2 + 2);
  bool open = false;    // inside a word
  bool joined = false;  // the last character belonged to a word
  const auto end_word = [&] {
    if (open) ranges.back().end = folded_.size();
    if (open) folded_.push_back('>');
    open = false;
  };
  const auto start_word = [&](bool ideograph) {
    folded_.push_back('<');
    ranges.push_back({folded_.size(), 0, ideograph, joined});
    open = true;
  };
  for (std::size_t at = 0; at < clean.size();) {
    const char32_t c = next_character(clean, at);
    if (open && !ranges.back().ideograph && is_apostrophe(c)) continue;
    const Letter letter = classify(c);
    if (letter.kind == LetterKind::ignored) continue;
    if (letter.kind == LetterKind::separator) {
      end_word();
      joined = false;
      continue;
    }
    const bool ideograph = letter.kind == LetterKind::ideograph;
    if (open && (ideograph || ranges.back().ideograph)) end_word();
    if (!open) start_word(ideograph);
    append_utf8(folded_, letter.folded);
    joined = true;
  }
  end_word();

  list_.reserve(ranges.size());
  const std::string_view all = folded_;
  for (const Range& r : ranges) {
    list_.push_back({.text = all.substr(r.begin, r.end - r.begin),
                     .marked = all.substr(r.begin - 1, r.end - r.begin + 2),
                     .ideograph = r.ideograph,
                     .joined = r.joined});
  }
}

bool is_stop_word(std::string_view folded) noexcept {
  return folded.size() <= 6 && std::ranges::binary_search(stop_words, folded);
}

std::string_view english_stem(std::string_view folded, std::string& buffer) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (folded.size() < 4 || !std::ranges::all_of(folded, is_letter)) return folded;
  std::string_view stem = folded;
  const auto without = [&](std::size_t n) { return stem.substr(0, stem.size() - n); };
  if (stem.ends_with("ies") && stem.size() > 4) {
    buffer.assign(without(3)).push_back('y');
    return buffer;
  }
  if (stem.ends_with("sses") || stem.ends_with("shes") || stem.ends_with("ches") ||
      stem.ends_with("xes") || stem.ends_with("zes")) {
    stem = without(2);
  } else if (stem.ends_with('s') && !stem.ends_with("ss") && !stem.ends_with("us") &&
             !stem.ends_with("is")) {
    stem = without(1);
  }
  if (stem.ends_with("ing") && stands_alone(without(3))) {
    stem = undouble(without(3));
  } else if (stem.ends_with("ed") && stands_alone(without(2))) {
    stem = undouble(without(2));
  } else if (stem.ends_with("ly") && stands_alone(without(2))) {
    stem = without(2);
  }
  if (stem.size() > 3 && stem.ends_with('e')) stem.remove_suffix(1);
  return stem;
}

}  // namespace loci::embed
