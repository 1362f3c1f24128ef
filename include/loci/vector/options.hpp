#pragma once
#include <cstdint>

namespace loci::vector {

enum class Similarity : std::uint8_t { cosine, inner_product, l2 };

struct VectorOptions {
  /// IndexGoal::lists, of an IVFFlat index; 0: calculate_optimal_lists().
  int index_lists = 0;
  /// Nothing acts on it yet: the settings file reads, checks and shows it, and those who register a
  /// model will take its metric from here.
  Similarity similarity_function = Similarity::cosine;
  /// SearchQuery::min_similarity of searches that do not say; -1: none.
  double search_threshold = -1;
};

}  // namespace loci::vector
