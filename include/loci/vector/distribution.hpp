#pragma once
#include <loci/pg/types.hpp>

#include <cstddef>
#include <span>

namespace loci::vector {

/// What a sample of vectors is like.
struct Distribution {
  std::size_t count = 0;  ///< Of the sample.
  std::size_t dimensions = 0;
  double least_norm = 0;  ///< Euclidean lengths.
  double mean_norm = 0;
  double greatest_norm = 0;
  double duplicates = 0;  ///< Share that another of the sample equals, 0 to 1.
  /// How many clusters they gather in: the exponential of the entropy of the sizes that spherical
  /// k-means (Dhillon and Modha, 2001) finds; 1: all in one, up to the square root of the count.
  double clusters = 0;
  double cohesion = 0;  ///< Mean cosine to the centre of one's own cluster, -1 to 1.
};

/// Nothing for an empty sample. All of one number of dimensions. Takes time in proportion to
/// count^1.5.
[[nodiscard]] Distribution analyze_distribution(std::span<const Vector> sample);

}  // namespace loci::vector
