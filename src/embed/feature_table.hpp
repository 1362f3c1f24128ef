#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loci::embed {

/// The features of one text by their hash: how often each came, and its weights added up.
class FeatureTable {
public:
  struct Feature {
    std::uint64_t hash = 0;
    float weight = 0;
    std::uint32_t count = 0;  ///< 0 marks a free place.
  };

  explicit FeatureTable(std::size_t expected) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    places_.resize(size);
  }

  void add(std::uint64_t hash, float weight) {
    if (used_ * 3 > places_.size() * 2) grow();
    Feature& feature = find(hash);
    if (feature.count == 0) {
      feature.hash = hash;
      ++used_;
    }
    feature.weight += weight;
    ++feature.count;
  }

  /// Every place, free ones too, in an order that depends on the hashes and the expected size only.
  [[nodiscard]] const std::vector<Feature>& places() const noexcept { return places_; }

private:
  // Hashes are of good quality, so linear probing from their low bits needs no second function.
  Feature& find(std::uint64_t hash) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = hash & mask;
    while (places_[at].count != 0 && places_[at].hash != hash) at = (at + 1) & mask;
    return places_[at];
  }

  void grow() {
    std::vector<Feature> old(places_.size() * 2);
    old.swap(places_);
    for (const Feature& feature : old) {
      if (feature.count != 0) find(feature.hash) = feature;
    }
  }

  std::vector<Feature> places_;
  std::size_t used_ = 0;
};

}  // namespace loci::embed
