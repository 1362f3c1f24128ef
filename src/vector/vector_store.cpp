#include <loci/base/error.hpp>
#include <loci/vector/vector_store.hpp>

#include <limits>

#include "queries/vectors.hpp"
#include "vector/plan_lines.hpp"

namespace loci::vector {

namespace {

void check(const SimilarQuery& query) {
  if (query.limit < 1 || query.limit > 1000) {
    throw Error(ErrorKind::invalid_argument, "a search gives 1 to 1000 results");
  }
  if (query.effort && (*query.effort < 1 || *query.effort > 32'768)) {
    throw Error(ErrorKind::invalid_argument, "the effort of a search is 1 to 32768");
  }
  if (query.content_type && *query.content_type != "message" && *query.content_type != "memory") {
    throw Error(ErrorKind::invalid_argument,
                "content_type \"" + *query.content_type + "\" is neither message nor memory");
  }
  require_nonzero(query.vector);
}

std::string_view name_of(Way way) {
  switch (way) {
    case Way::exact:
      return "exact";
    case Way::index:
      return "index";
    case Way::automatic:
      break;
  }
  return "auto";
}

// The two queries take the same arguments.
template <class Query>
Query request(Uuid tenant, SimilarQuery query) {
  check(query);
  // Assigned by name: the query numbers its parameters in its own order.
  Query ask;
  ask.tenant_id = tenant;
  ask.model_id = query.model_id;
  ask.query_vector = std::move(query.vector);
  ask.max_results = query.limit;
  ask.only_content = std::move(query.content_type);
  ask.only_user = std::move(query.user);
  ask.only_since = query.since;
  ask.only_until = query.until;
  ask.only_conversation = query.conversation;
  ask.only_metadata = std::move(query.metadata);
  ask.min_similarity = query.min_similarity.value_or(-std::numeric_limits<double>::infinity());
  ask.only_way = name_of(query.way);
  ask.only_effort = query.effort;
  ask.only_index = query.index;
  return ask;
}

SimilarResult result_of(std::int32_t model_id, queries::SearchSimilar::Row row) {
  SimilarResult result{.hits = {}, .index = std::move(row.through_index), .complete = row.complete};
  for (std::size_t i = 0; i < row.content_ids.size(); ++i) {
    result.hits.push_back({.key = {.model_id = model_id,
                                   .content_type = std::move(row.content_types[i]).value(),
                                   .content_id = row.content_ids[i].value(),
                                   .chunk = row.chunks[i].value()},
                           .similarity = row.similarities[i].value()});
  }
  return result;
}

}  // namespace

storage::Task<void> VectorStore::store(storage::NewEmbedding embedding, Deadline deadline) {
  std::vector<storage::NewEmbedding> one;
  one.push_back(std::move(embedding));
  co_await storage_.embeddings().store(std::move(one), deadline);
}

storage::Task<void> VectorStore::store_batch(std::vector<storage::NewEmbedding> embeddings,
                                             Deadline deadline) {
  co_await storage_.embeddings().store(std::move(embeddings), deadline);
}

storage::Task<std::optional<storage::Embedding>> VectorStore::get(storage::EmbeddingKey key,
                                                                  Deadline deadline) {
  co_return co_await storage_.embeddings().get(std::move(key), deadline);
}

storage::Task<bool> VectorStore::erase(storage::EmbeddingKey key, Deadline deadline) {
  co_return co_await storage_.embeddings().erase(std::move(key), deadline);
}

storage::Task<SimilarResult> VectorStore::search_similar(SimilarQuery query, Deadline deadline) {
  const std::int32_t model_id = query.model_id;
  auto row = co_await storage_.pool().run(
      request<queries::SearchSimilar>(storage_.tenant_id(), std::move(query)), deadline);
  co_return result_of(model_id, std::move(row.value()));
}

storage::Task<std::vector<std::string>> VectorStore::explain(SimilarQuery query,
                                                             Deadline deadline) {
  std::vector<std::string> lines;
  for (auto& row : co_await storage_.pool().run(
           request<queries::ExplainSimilar>(storage_.tenant_id(), std::move(query)), deadline)) {
    lines.push_back(without_vectors(std::move(row.line)));
  }
  co_return lines;
}

storage::Task<std::vector<SimilarResult>> VectorStore::search_batch(
    std::vector<SimilarQuery> queries, Deadline deadline) {
  std::vector<std::int32_t> models;
  std::vector<queries::SearchSimilar> requests;
  for (SimilarQuery& each : queries) {
    models.push_back(each.model_id);
    requests.push_back(request<queries::SearchSimilar>(storage_.tenant_id(), std::move(each)));
  }
  auto rows = co_await storage_.pool().batch(std::move(requests), deadline);
  std::vector<SimilarResult> results;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    results.push_back(result_of(models[i], std::move(rows[i].value())));
  }
  co_return results;
}

}  // namespace loci::vector
