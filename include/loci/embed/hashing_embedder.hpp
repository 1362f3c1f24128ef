#pragma once
#include <loci/embed/embedder.hpp>

namespace loci::embed {

struct HashingOptions {
  std::size_t dimensions = 384;  ///< 8 to 16,000. More means fewer collisions and better ranking.
};

/// The offline embedder: signed feature hashing (Weinberger et al., 2009) of words, word pairs and
/// character n-grams. It needs no model, no network and no training, and costs microseconds a text.
///
/// It is lexical, not semantic: two texts are near when they share words, endings aside, or pieces
/// of words, so it forgives typing errors and inflection, but does not know that a car is an
/// automobile. English stop words count little; other languages have no stop words and no endings,
/// only folding and n-grams. Han, kana and Hangul are taken as characters and pairs of characters.
///
/// The same text gives the same vector on every machine. The name says version and dimensions
/// (`hashing-v1-384`), and changes whenever the vectors would. A text without a letter, a digit or
/// an ideograph is blank.
///
/// Thread safety: no state; every member may be called from any thread.
class HashingEmbedder final : public Embedder {
public:
  /// Errors: configuration, for dimensions out of range.
  explicit HashingEmbedder(HashingOptions options = {});

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] std::size_t batch_size() const override { return 256; }
  [[nodiscard]] bool lexical() const override { return true; }
  [[nodiscard]] std::vector<std::vector<float>> embed(std::span<const std::string> texts) override;

private:
  std::size_t dimensions_;
};

}  // namespace loci::embed
