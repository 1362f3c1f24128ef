#pragma once
#include <cstdint>

namespace loci::vector {

enum class Similarity : std::uint8_t { cosine, inner_product, l2 };

struct VectorOptions {
  /// Of an IVFFlat index; 0: by the number of rows. Nothing acts on it yet, nor on the one below:
  /// the settings file reads, checks and shows them, and the index builder will take them from
  /// here.
  int index_lists = 0;
  Similarity similarity_function = Similarity::cosine;
  /// SearchQuery::min_similarity of searches that do not say; -1: none.
  double search_threshold = -1;
};

}  // namespace loci::vector
