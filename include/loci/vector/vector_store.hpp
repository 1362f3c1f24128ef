#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::vector {

/// How a search finds what is near.
enum class Way : std::uint8_t {
  automatic,  ///< What costs the server less: exactly in a small scope, else through the index.
  exact,      ///< Every vector of the scope is compared.
  index,      ///< Through the model's index; exactly when it has none.
};

/// What vectors are like, and where they are looked for. A missing filter does not filter; texts of
/// erased conversations and memories are never found.
struct SimilarQuery {
  std::int32_t model_id = 0;
  Vector vector;            ///< Of the model's dimensions, finite and not zero.
  std::int32_t limit = 10;  ///< 1 to 1000.
  /// What is less similar is left out, in the unit of SimilarHit::similarity; missing: nothing is.
  std::optional<double> min_similarity;
  std::optional<std::string> content_type;  ///< "message" or "memory".
  std::optional<std::string> user;
  std::optional<Timestamp> since;  ///< Texts of this time or later,
  std::optional<Timestamp> until;  ///< and before this one.
  std::optional<Uuid> conversation;
  std::optional<JsonText> metadata;  ///< The vector's own metadata holds this document (`@>`).
  Way way = Way::automatic;
  /// Of this search alone: hnsw.ef_search, 1 to 1000, or ivfflat.probes, 1 to 32,768. Missing: what
  /// the index was tuned to.
  std::optional<std::int32_t> effort;
  /// Go through this index (VectorIndex::id) instead of the one that serves: to try one out.
  std::optional<std::int32_t> index;
};

struct SimilarHit {
  storage::EmbeddingKey key;
  /// Higher is nearer. By the model's metric: the cosine, -1 to 1; the inner product; 1 / (1 +
  /// distance) of l2 and l1, above 0 to 1; of the vectors' signs the share that agree (hamming), or
  /// the share of the positive ones that are positive in both (jaccard), 0 to 1.
  double similarity = 0;
};

struct SimilarResult {
  std::vector<SimilarHit> hits;      ///< Nearest first; of equals, in order of their keys.
  std::optional<std::string> index;  ///< What it went through; missing: every vector was compared.
  /// False: Way::index, and the index stopped before it had found enough, or looked everywhere.
  bool complete = true;
};

/// Vectors, stored and found by nearness.
///
/// Any thread; the storage must outlive the store and what it began. Errors, beside those of the
/// session: invalid_argument, of a query that is no query (limit, effort, a vector that is empty,
/// zero or not finite); server 22000 when the vector has not the model's dimensions; server 42704
/// when there is no such model.
class VectorStore {
public:
  explicit VectorStore(storage::PostgresStorage& storage) : storage_(storage) {}

  /// As EmbeddingRepository::store(): stored or replaced, all or none.
  storage::Task<void> store(storage::NewEmbedding embedding,
                            Deadline deadline = storage::default_deadline());
  storage::Task<void> store_batch(std::vector<storage::NewEmbedding> embeddings,
                                  Deadline deadline = storage::default_deadline());
  storage::Task<std::optional<storage::Embedding>> get(
      storage::EmbeddingKey key, Deadline deadline = storage::default_deadline());
  storage::Task<bool> erase(storage::EmbeddingKey key,
                            Deadline deadline = storage::default_deadline());

  /// In one round trip. Never silently fewer than there are: what an index does not find enough of
  /// is looked for again exactly, or SimilarResult::complete is false.
  storage::Task<SimilarResult> search_similar(SimilarQuery query,
                                              Deadline deadline = storage::default_deadline());
  /// How the server goes about it: the way it takes for each kind of text, and the lines of EXPLAIN
  /// ANALYZE.
  storage::Task<std::vector<std::string>> explain(SimilarQuery query,
                                                  Deadline deadline = storage::default_deadline());
  /// All of them in one round trip, answered in their order. One that fails fails all.
  storage::Task<std::vector<SimilarResult>> search_batch(
      std::vector<SimilarQuery> queries, Deadline deadline = storage::default_deadline());

private:
  storage::PostgresStorage& storage_;
};

}  // namespace loci::vector
