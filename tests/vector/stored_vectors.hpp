#pragma once
#include <gtest/gtest.h>

#include <format>
#include <loci/vector/vector_store.hpp>
#include <random>
#include <string>
#include <vector>

#include "queries/vectors.hpp"
#include "support/storage_fixture.hpp"

namespace loci::test {

/// Messages with vectors, of a model with a metric of the test's choice.
struct StoredVectors : StorageFixture {
  static constexpr std::int32_t k_dimensions = 16;
  vector::VectorStore store{storage};
  std::mt19937 random{5};

  void add_model(const std::string& metric = "cosine", std::int32_t dimensions = k_dimensions) {
    model_id = run(storage.embeddings().add_model("m_" + metric, dimensions)).id;
    script(
        std::format("update embedding_models set metric = '{}' where id = {}", metric, model_id));
  }
  Vector any_vector(std::int32_t dimensions = k_dimensions) {
    std::normal_distribution<float> normal;
    Vector made;
    for (std::int32_t d = 0; d < dimensions; ++d) made.values.push_back(normal(random));
    return made;
  }
  // The ids of new messages of `user`, each with a vector.
  std::vector<Uuid> store_messages(std::vector<Vector> vectors, const std::string& user = "ann",
                                   const std::string& metadata = "{}") {
    const auto conversation = talk(std::vector<std::string>(vectors.size(), "a text"), user);
    std::vector<storage::NewEmbedding> made;
    std::vector<Uuid> ids;
    for (const auto& each : run(storage.messages().after(
             conversation.id, 0, static_cast<std::int32_t>(vectors.size())))) {
      made.push_back({.model_id = model_id,
                      .content_id = each.id,
                      .embedding = std::move(vectors[ids.size()]),
                      .metadata = JsonText{metadata}});
      ids.push_back(each.id);
    }
    run(store.store_batch(std::move(made)));
    return ids;
  }
  std::vector<Uuid> store_any(int count, const std::string& user = "ann",
                              const std::string& metadata = "{}") {
    std::vector<Vector> vectors;
    for (int i = 0; i < count; ++i) vectors.push_back(any_vector());
    return store_messages(std::move(vectors), user, metadata);
  }
  // An index that serves.
  std::int32_t add_index(const std::string& columns, const std::string& values) {
    script(std::format("insert into vector_indexes (model_id, {}) values ({}, {})", columns,
                       model_id, values));
    const auto id = static_cast<std::int32_t>(number("select max(id)::bigint from vector_indexes"));
    script(run(storage.pool().run(queries::VectorIndexDefinition{.id = id}, test::soon()))->ddl);
    script(std::format("update vector_indexes set status = 'serving' where id = {}", id));
    script("analyze embeddings");
    return id;
  }
  std::int32_t add_hnsw(const std::string& storage_kind = "vector") {
    return add_index("kind, storage, m, ef_construction, effort",
                     std::format("'hnsw', '{}', 16, 64, 40", storage_kind));
  }
  vector::SimilarQuery like(Vector vector, std::int32_t limit = 10) const {
    return {.model_id = model_id, .vector = std::move(vector), .limit = limit};
  }
  std::vector<Uuid> ids_of(const vector::SimilarResult& result) {
    std::vector<Uuid> ids;
    for (const vector::SimilarHit& hit : result.hits) ids.push_back(hit.key.content_id);
    return ids;
  }
  std::int32_t model_id = 0;
};

}  // namespace loci::test
