#include <loci/vector/vector_index.hpp>

#include <format>

namespace loci::vector {

std::string_view to_string(IndexKind kind) {
  return kind == IndexKind::hnsw ? "hnsw" : "ivfflat";
}

std::string_view to_string(IndexStorage storage) {
  switch (storage) {
    case IndexStorage::vector:
      return "vector";
    case IndexStorage::halfvec:
      return "halfvec";
    case IndexStorage::bit:
      break;
  }
  return "bit";
}

std::optional<IndexKind> index_kind(std::string_view name) {
  for (const IndexKind kind : {IndexKind::hnsw, IndexKind::ivfflat}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

std::optional<IndexStorage> index_storage(std::string_view name) {
  for (const IndexStorage storage :
       {IndexStorage::vector, IndexStorage::halfvec, IndexStorage::bit}) {
    if (to_string(storage) == name) return storage;
  }
  return std::nullopt;
}

std::string describe(const IndexConfig& config) {
  std::string text = std::format("{} {}, ", to_string(config.kind), to_string(config.storage));
  text += config.kind == IndexKind::hnsw
              ? std::format("m {}, ef_construction {}", config.m, config.ef_construction)
              : std::format("{} lists", config.lists);
  if (config.candidates > 1) text += std::format(", {} candidates a result", config.candidates);
  return text;
}

}  // namespace loci::vector
