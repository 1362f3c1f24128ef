#pragma once
#include <loci/storage/records.hpp>

#include "queries/models.hpp"

/// From generated rows to records.
namespace loci::storage {

inline Conversation to_record(queries::models::Conversation row) {
  return {.id = row.id,
          .user_id = std::move(row.user_id),
          .title = std::move(row.title),
          .status = std::move(row.status),
          .metadata = std::move(row.metadata),
          .current_leaf_id = row.current_leaf_id,
          .last_seq = row.last_seq,
          .source = std::move(row.source),
          .source_id = std::move(row.source_id),
          .created_at = row.created_at,
          .updated_at = row.updated_at,
          .deleted_at = row.deleted_at};
}

/// Several queries give messages, each with a row type of its own and the same fields.
template <class Row>
Message to_message(Row row) {
  return {.id = row.id,
          .conversation_id = row.conversation_id,
          .seq = row.seq,
          .parent_id = row.parent_id,
          .role = std::move(row.role),
          .content = std::move(row.content),
          .parts = std::move(row.parts),
          .model = std::move(row.model),
          .metadata = std::move(row.metadata),
          .source_id = std::move(row.source_id),
          .created_at = row.created_at};
}

}  // namespace loci::storage
