#pragma once
#include <loci/pg/types.hpp>
#include <loci/storage/repository.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::storage {

/// A space of vectors. It holds nothing of any user, so it belongs to no tenant.
struct EmbeddingModel {
  std::int32_t id = 0;
  std::string name;
  std::int32_t dimensions = 0;
};

struct EmbeddingKey {
  std::int32_t model_id = 0;
  std::string content_type = "message";  ///< "message" or "memory".
  Uuid content_id;
  std::int32_t chunk = 0;
  auto operator<=>(const EmbeddingKey&) const = default;
};

/// One vector of one chunk of a text.
struct Embedding {
  std::int32_t model_id = 0;
  std::string content_type = "message";
  Uuid content_id;
  std::int32_t chunk = 0;
  Vector embedding;
  std::string content_hash;  ///< Bytes; of the text that was embedded: tells whether it is stale.
  JsonText metadata{"{}"};
  Timestamp created_at{};
  std::int64_t version = 1;

  [[nodiscard]] EmbeddingKey key() const { return {model_id, content_type, content_id, chunk}; }
};

struct NewEmbedding {
  std::int32_t model_id = 0;
  std::string content_type = "message";
  Uuid content_id;
  std::int32_t chunk = 0;
  Vector embedding;
  std::string content_hash;
  JsonText metadata{"{}"};
};

struct EmbeddingPatch {
  Change<Vector> embedding = {};
  Change<std::string> content_hash = {};
  Change<JsonText> metadata = {};
  std::optional<std::int64_t> if_version = {};
};

/// What a filter may ask of embeddings, beside metadata(). Own order: created_at, newest first.
struct EmbeddingFields {
  static constexpr Field<std::int64_t> model_id{"model_id"};
  static constexpr Field<std::string> content_type{"content_type"};
  static constexpr Field<Uuid> content_id{"content_id"};
  static constexpr Field<std::int64_t> chunk{"chunk"};
  static constexpr Field<Timestamp> created_at{"created_at"};
};

template <>
struct RecordTraits<Embedding> {
  using Key = EmbeddingKey;
  using New = NewEmbedding;
  using Patch = EmbeddingPatch;
};

/// A vector goes when the text it was made of goes. Errors, where a vector is given:
/// invalid_argument for one that is empty, zero or not finite; server 23514 for one whose
/// dimensions are not its model's, or whose model is not known; server 23503 for one of a text that
/// is not there.
class EmbeddingRepository : public Repository<Embedding> {
public:
  using Repository<Embedding>::get;

  /// Registers a model, or gives the one of that name. The first one ever is active at once. Waits
  /// for those who are storing messages; in a transaction, let it be the first thing done.
  /// Errors: server 22023 when the name is known with other dimensions.
  virtual Task<EmbeddingModel> add_model(std::string name, std::int32_t dimensions,
                                         Deadline = default_deadline()) = 0;
  virtual Task<std::optional<EmbeddingModel>> active_model(Deadline = default_deadline()) = 0;
  virtual Task<std::vector<EmbeddingModel>> models(Deadline = default_deadline()) = 0;
  /// Stores or replaces, all or none; of several of one key the last. Errors: BatchError naming
  /// every item that failed.
  virtual Task<void> store(std::vector<NewEmbedding> embeddings, Deadline = default_deadline()) = 0;
  /// The chunks of one text, in order.
  virtual Task<std::vector<Embedding>> of_text(std::int32_t model_id, std::string content_type,
                                               Uuid content_id, Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
