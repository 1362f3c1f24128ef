#include <loci/base/error.hpp>
#include <loci/embed/hashing_embedder.hpp>

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "embed/feature_table.hpp"
#include "embed/words.hpp"

namespace loci::embed {
namespace {

// Everything below decides the vectors: a change here is a new version in name().

// The seed keeps the classes apart: the word "the" and the n-gram "the" are two features.
enum class FeatureClass : std::uint64_t { word = 1, pair, ngram, ideograph, ideograph_pair };

// Chosen on the OpenAssistant trees (does a prompt find its replies, a reply its siblings, a
// mangled text its original) and on IRC logs (does an answer find its question). Only the ratios
// count.
constexpr double word_weight = 1.0;
constexpr double stop_word_weight = 0.1;
constexpr double pair_weight = 0.2;
constexpr double ngrams_weight = 1.5;  // of all n-grams of one word together, as a length
constexpr double ideograph_weight = 0.5;
constexpr double ideograph_pair_weight = 1.0;
constexpr std::size_t shortest_ngram = 3;
constexpr std::size_t longest_ngram = 5;

std::uint64_t hash_of(FeatureClass type, std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), static_cast<std::uint64_t>(type));
}

// Bytes in a fixed order, so that both kinds of machine agree.
std::uint64_t hash_of(FeatureClass type, std::uint64_t first, std::uint64_t second) {
  char bytes[16];
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(first >> (8 * i) & 0xff);
    bytes[8 + i] = static_cast<char>(second >> (8 * i) & 0xff);
  }
  return hash_of(type, std::string_view(bytes, sizeof bytes));
}

// Walks the words of one text and fills the table.
class Extractor {
public:
  explicit Extractor(FeatureTable& table) : table_(table) {}

  void add(const Word& word) {
    if (word.ideograph) {
      add_ideograph(word);
    } else {
      add_word(word);
    }
    previous_is_ideograph_ = word.ideograph;
    first_ = false;
  }

private:
  void add_ideograph(const Word& word) {
    const std::uint64_t hash = hash_of(FeatureClass::ideograph, word.text);
    put(hash, ideograph_weight);
    if (!first_ && previous_is_ideograph_ && word.joined) {
      put(hash_of(FeatureClass::ideograph_pair, previous_, hash), ideograph_pair_weight);
    }
    previous_ = hash;
  }

  void add_word(const Word& word) {
    const bool stop = is_stop_word(word.text);
    const std::string_view stem = stop ? word.text : english_stem(word.text, buffer_);
    const std::uint64_t hash = hash_of(FeatureClass::word, stem);
    put(hash, stop ? stop_word_weight : word_weight);
    if (!first_ && !previous_is_ideograph_ && !stop && !previous_is_stop_) {
      put(hash_of(FeatureClass::pair, previous_, hash), pair_weight);
    }
    if (!stop) add_ngrams(word.marked);
    previous_ = hash;
    previous_is_stop_ = stop;
  }

  void add_ngrams(std::string_view marked) {
    starts_.clear();
    for (std::size_t i = 0; i < marked.size(); ++i) {
      if ((static_cast<unsigned char>(marked[i]) & 0xc0) != 0x80) starts_.push_back(i);
    }
    const std::size_t characters = starts_.size();
    starts_.push_back(marked.size());
    std::size_t count = 0;
    for (std::size_t n = shortest_ngram; n <= longest_ngram && n <= characters; ++n) {
      count += characters - n + 1;
    }
    // A long word has many n-grams: together they weigh as much as those of a short one.
    const double weight = ngrams_weight / std::sqrt(static_cast<double>(count));
    for (std::size_t n = shortest_ngram; n <= longest_ngram && n <= characters; ++n) {
      for (std::size_t i = 0; i + n <= characters; ++i) {
        const auto ngram = marked.substr(starts_[i], starts_[i + n] - starts_[i]);
        put(hash_of(FeatureClass::ngram, ngram), weight);
      }
    }
  }

  void put(std::uint64_t hash, double weight) { table_.add(hash, static_cast<float>(weight)); }

  FeatureTable& table_;
  std::string buffer_;
  std::vector<std::size_t> starts_;  // of the characters of a marked word, and its end
  std::uint64_t previous_ = 0;
  bool first_ = true;
  bool previous_is_stop_ = false;
  bool previous_is_ideograph_ = false;
};

std::vector<float> embed_one(std::string_view text, std::size_t dimensions) {
  const Words words(text);
  FeatureTable table(std::min<std::size_t>(text.size() * 3, 4096));
  Extractor extractor(table);
  for (const Word& word : words.list()) extractor.add(word);

  std::vector<double> sums(dimensions);
  for (const FeatureTable::Feature& feature : table.places()) {
    if (feature.count == 0) continue;
    // Sub-linear: what comes four times counts twice.
    const double value = feature.weight / std::sqrt(static_cast<double>(feature.count));
    sums[(feature.hash >> 32) * dimensions >> 32] += (feature.hash & 1) != 0 ? value : -value;
  }
  double square = 0;
  for (const double sum : sums) square += sum * sum;
  std::vector<float> vector(dimensions);
  if (square <= 0) return vector;
  const double length = std::sqrt(square);
  for (std::size_t i = 0; i < dimensions; ++i) vector[i] = static_cast<float>(sums[i] / length);
  return vector;
}

}  // namespace

HashingEmbedder::HashingEmbedder(HashingOptions options) : dimensions_(options.dimensions) {
  if (dimensions_ < 8 || dimensions_ > 16000) {
    throw Error(ErrorKind::configuration, "hashing embedder: dimensions must be 8 to 16000, not " +
                                              std::to_string(dimensions_));
  }
}

std::string HashingEmbedder::name() const {
  return "hashing-v1-" + std::to_string(dimensions_);
}

std::vector<std::vector<float>> HashingEmbedder::embed(std::span<const std::string> texts) {
  std::vector<std::vector<float>> vectors;
  vectors.reserve(texts.size());
  for (const std::string& text : texts) vectors.push_back(embed_one(text, dimensions_));
  return vectors;
}

}  // namespace loci::embed
