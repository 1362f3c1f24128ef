#include <loci/base/error.hpp>

#include "queries/embeddings.hpp"
#include "storage/postgres_repositories.hpp"

namespace loci::storage {

Task<EmbeddingModel> PostgresEmbeddings::add_model(std::string name, std::int32_t dimensions,
                                                   Deadline deadline) {
  require_storable(name, "model name");
  if (unit_.pool != nullptr) {  // in a transaction, having read the table would stand in the way
    const auto known = co_await unit_.session->run(queries::GetModel{.name = name}, deadline);
    if (known && known->dimensions == dimensions) {
      co_return EmbeddingModel{.id = known->id, .name = std::move(name), .dimensions = dimensions};
    }
  }
  const auto row = co_await unit_.session->run(
      queries::AddEmbeddingModel{.name = name, .dimensions = dimensions}, deadline);
  co_return EmbeddingModel{.id = row->id, .name = std::move(name), .dimensions = dimensions};
}

Task<std::optional<EmbeddingModel>> PostgresEmbeddings::active_model(Deadline deadline) {
  const auto row = co_await unit_.session->run(queries::GetActiveModel{}, deadline);
  if (!row) co_return std::nullopt;
  co_return EmbeddingModel{.id = row->id, .name = row->name, .dimensions = row->dimensions};
}

Task<void> PostgresEmbeddings::store(std::int32_t model_id, std::vector<Embedding> embeddings,
                                     Deadline deadline) {
  queries::StoreEmbeddings batch{.tenant_id = unit_.tenant_id, .model_id = model_id};
  for (Embedding& embedding : embeddings) {
    require_storable(embedding.content_type, "content_type");
    batch.content_types.push_back(std::move(embedding.content_type));
    batch.content_ids.push_back(embedding.content_id);
    batch.chunks.push_back(embedding.chunk);
    batch.embeddings.push_back(std::move(embedding.embedding));
    batch.content_hashes.push_back(std::move(embedding.content_hash));
  }
  (void)co_await unit_.session->run(std::move(batch), deadline);
}

Task<std::vector<Embedding>> PostgresEmbeddings::get(std::int32_t model_id,
                                                     std::string content_type, Uuid content_id,
                                                     Deadline deadline) {
  require_storable(content_type, "content_type");
  std::vector<Embedding> embeddings;
  for (auto& row :
       co_await unit_.session->run(queries::GetEmbeddings{.tenant_id = unit_.tenant_id,
                                                          .model_id = model_id,
                                                          .content_type = std::move(content_type),
                                                          .content_id = content_id},
                                   deadline)) {
    embeddings.push_back({.content_type = std::move(row.content_type),
                          .content_id = row.content_id,
                          .chunk = row.chunk,
                          .embedding = std::move(row.embedding),
                          .content_hash = std::move(row.content_hash)});
  }
  co_return embeddings;
}

Task<std::int64_t> PostgresEmbeddings::count(std::int32_t model_id, Deadline deadline) {
  const auto row = co_await unit_.session->run(
      queries::CountEmbeddings{.tenant_id = unit_.tenant_id, .model_id = model_id}, deadline);
  co_return row->total;
}

}  // namespace loci::storage
