#pragma once
#include <loci/vector/vector_index.hpp>

#include <string>

namespace loci::vector {

/// Sets what building an index is decided by in a query that has a parameter for each.
template <class Query>
void set_index_columns(Query& query, const IndexConfig& config) {
  query.kind = std::string(to_string(config.kind));
  query.storage = std::string(to_string(config.storage));
  if (config.kind == IndexKind::hnsw) {
    query.m = config.m;
    query.ef_construction = config.ef_construction;
  } else {
    query.lists = config.lists;
  }
  query.candidates = config.candidates;
}

}  // namespace loci::vector
