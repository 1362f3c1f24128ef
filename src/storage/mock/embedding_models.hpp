#pragma once
#include <loci/storage/embedding.hpp>

#include "storage/mock/core.hpp"

namespace loci::storage::mock {

/// Models are everybody's: their keys name no tenant.
struct Model {
  EmbeddingModel model;
  bool active = false;
};

[[nodiscard]] inline Key model_place(std::int32_t id) {
  return key_of(Table::embedding_models, id);
}

}  // namespace loci::storage::mock
