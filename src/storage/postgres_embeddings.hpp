#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresEmbeddings final : public PostgresRepository<Embedding, EmbeddingRepository> {
public:
  explicit PostgresEmbeddings(Unit unit);
  Task<bool> erase(EmbeddingKey key, Deadline deadline) override;
  Task<EmbeddingModel> add_model(std::string name, std::int32_t dimensions,
                                 Deadline deadline) override;
  Task<std::optional<EmbeddingModel>> active_model(Deadline deadline) override;
  Task<std::vector<EmbeddingModel>> models(Deadline deadline) override;
  Task<void> store(std::vector<NewEmbedding> embeddings, Deadline deadline) override;
  Task<std::vector<Embedding>> of_text(std::int32_t model_id, std::string content_type,
                                       Uuid content_id, Deadline deadline) override;

protected:
  Task<std::vector<Embedding>> fetch(std::vector<EmbeddingKey> keys, Deadline deadline) override;
  Task<std::optional<Embedding>> change(const EmbeddingKey& key, const EmbeddingPatch& patch,
                                        Deadline deadline) override;
};

}  // namespace loci::storage
