#pragma once
#include <loci/storage/embedding.hpp>

#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace loci::storage {

/// Where the last vector of each key stands, in order of the keys. Of several of one key in one
/// call of EmbeddingRepository::store() it is the last that is stored.
[[nodiscard]] inline std::vector<std::size_t> last_of_each_key(
    std::span<const NewEmbedding> items) {
  std::map<EmbeddingKey, std::size_t> last;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const NewEmbedding& item = items[i];
    last[{item.model_id, item.content_type, item.content_id, item.chunk}] = i;
  }
  std::vector<std::size_t> places;
  places.reserve(last.size());
  for (const auto& [key, place] : last) places.push_back(place);
  return places;
}

}  // namespace loci::storage
