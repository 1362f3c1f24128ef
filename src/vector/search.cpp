#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/vector/search.hpp>

#include <algorithm>

#include "queries/search.hpp"
#include "vector/plan_lines.hpp"

namespace loci::vector {

namespace {

void check(const SearchQuery& query) {
  if (query.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw Error(ErrorKind::invalid_argument, "there is nothing to search for");
  }
  if (query.limit < 1 || query.limit > 1000) {
    throw Error(ErrorKind::invalid_argument, "a search gives 1 to 1000 results");
  }
  if (query.fusion_k < 1 || query.text_weight < 0 || query.vector_weight < 0) {
    throw Error(ErrorKind::invalid_argument,
                "search weights are 0 or more, and fusion_k 1 or more");
  }
  if (!(query.min_similarity >= -1 && query.min_similarity <= 1)) {
    throw Error(ErrorKind::invalid_argument, "min_similarity is a cosine, -1 to 1");
  }
  if (query.vector) require_nonzero(*query.vector);
}

// The two queries take the same arguments.
template <class Query>
Query arguments(Uuid tenant, SearchQuery query) {
  check(query);
  // Assigned by name: each query numbers its parameters in its own order.
  Query ask;
  ask.tenant_id = tenant;
  ask.question = to_storable(query.text);
  ask.model_id = query.model_id;
  ask.query_vector = std::move(query.vector);
  ask.only_user = std::move(query.user);
  ask.only_role = std::move(query.role);
  ask.only_since = query.since;
  ask.only_until = query.until;
  ask.only_conversation = query.conversation;
  ask.max_results = query.limit;
  ask.depth = std::max(query.depth, query.limit);
  ask.text_weight = query.text_weight;
  ask.vector_weight = query.vector_weight;
  ask.fusion_k = query.fusion_k;
  ask.min_similarity = query.min_similarity;
  return ask;
}

}  // namespace

storage::Task<std::vector<SearchHit>> search(storage::PostgresStorage& storage, SearchQuery query,
                                             Deadline deadline) {
  auto ask = arguments<queries::SearchMessages>(storage.tenant_id(), std::move(query));
  std::vector<SearchHit> hits;
  for (auto& row : co_await storage.pool().run(std::move(ask), deadline)) {
    hits.push_back({.message_id = row.message_id,
                    .conversation_id = row.conversation_id,
                    .conversation_title = std::move(row.title),
                    .role = std::move(row.role),
                    .created_at = row.created_at,
                    .seq = row.seq,
                    .source_id = std::move(row.source_id),
                    .score = row.score,
                    .text_rank = row.text_rank,
                    .text_score = row.text_score,
                    .vector_rank = row.vector_rank,
                    .similarity = row.similarity,
                    .snippet = std::move(row.snippet)});
  }
  co_return hits;
}

storage::Task<std::vector<std::string>> explain_search(storage::PostgresStorage& storage,
                                                       SearchQuery query, Deadline deadline) {
  auto ask = arguments<queries::ExplainSearch>(storage.tenant_id(), std::move(query));
  std::vector<std::string> lines;
  for (auto& row : co_await storage.pool().run(std::move(ask), deadline)) {
    lines.push_back(without_vectors(std::move(row.line)));
  }
  co_return lines;
}

}  // namespace loci::vector
