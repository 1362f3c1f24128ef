#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loci::vector {

/// The share of vectors that only say which words a text has (Embedder::lexical), measured on the
/// project's own questions: more of it pushes the words' own ranking aside.
inline constexpr double k_lexical_vector_weight = 0.1;

/// What is searched for, and where. A missing filter does not filter.
struct SearchQuery {
  std::string text;
  std::optional<Vector> vector;  ///< Of `text`, by the active model; missing: full text alone.
  std::optional<std::int32_t> model_id;  ///< The model that made `vector`.
  std::optional<std::string> user;
  std::optional<std::string> role;
  std::optional<Timestamp> since;  ///< Messages of this time or later,
  std::optional<Timestamp> until;  ///< and before this one.
  std::optional<Uuid> conversation;
  std::int32_t limit = 10;   ///< 1 to 1000.
  std::int32_t depth = 100;  ///< How many each arm brings to the fusion; at least limit.
  double text_weight = 1.0;
  double vector_weight = 1.0;
  std::int32_t fusion_k = 60;  ///< Of reciprocal rank fusion: higher flattens the ranks.
  /// What is less similar is left out of the vectors' arm: cosine, -1 (nothing is) to 1.
  double min_similarity = -1;
};

struct SearchHit {
  Uuid message_id;
  Uuid conversation_id;
  std::string conversation_title;
  std::string role;
  Timestamp created_at;
  std::int64_t seq = 0;
  std::optional<std::string> source_id;
  double score = 0;  ///< Fused: the sum over the arms of weight / (fusion_k + rank).
  std::optional<std::int32_t> text_rank;  ///< From 1; missing: not among that arm's best.
  std::optional<double> text_score;       ///< BM25 over the scope of the search.
  std::optional<std::int32_t> vector_rank;
  std::optional<double> similarity;  ///< Cosine, -1 to 1, of the best chunk.
  std::string snippet;  ///< Fragments of the message; each match between characters 2 and 3.
};

/// Finds messages by words and by meaning, fused, in one round trip. Filters hold inside the index
/// scans, so a narrow filter gives as many rows as there are.
/// Errors: invalid_argument (blank text, limits out of range, a vector of zeros); those of the
/// session.
[[nodiscard]] storage::Task<std::vector<SearchHit>> search(
    storage::PostgresStorage& storage, SearchQuery query,
    Deadline deadline = storage::default_deadline());

/// How the server runs that search: the lines of EXPLAIN ANALYZE.
[[nodiscard]] storage::Task<std::vector<std::string>> explain_search(
    storage::PostgresStorage& storage, SearchQuery query,
    Deadline deadline = storage::default_deadline());

}  // namespace loci::vector
