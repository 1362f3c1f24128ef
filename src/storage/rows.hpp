#pragma once
#include <loci/storage/records.hpp>

#include <optional>
#include <utility>
#include <vector>

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
          .deleted_at = row.deleted_at,
          .version = row.version};
}

inline Memory to_record(queries::models::Memory row) {
  return {.id = row.id,
          .scope = {.user_id = std::move(row.user_id),
                    .agent_id = std::move(row.agent_id),
                    .conversation_id = row.conversation_id,
                    .name_space = std::move(row.namespace_)},
          .kind = std::move(row.kind),
          .content = std::move(row.content),
          .importance = row.importance,
          .pinned = row.pinned,
          .metadata = std::move(row.metadata),
          .valid_from = row.valid_from,
          .valid_to = row.valid_to,
          .expires_at = row.expires_at,
          .superseded_by = row.superseded_by,
          .access_count = row.access_count,
          .last_accessed_at = row.last_accessed_at,
          .created_at = row.created_at,
          .updated_at = row.updated_at,
          .deleted_at = row.deleted_at,
          .version = row.version};
}

inline MemoryVersion to_record(queries::models::MemoryVersion row) {
  return {.version = row.version,
          .kind = std::move(row.kind),
          .content = std::move(row.content),
          .importance = row.importance,
          .metadata = std::move(row.metadata),
          .valid_from = row.valid_from,
          .valid_to = row.valid_to,
          .replaced_at = row.replaced_at};
}

inline Tool to_record(queries::models::Tool row) {
  return {.id = row.id,
          .name = std::move(row.name),
          .tool_version = row.tool_version,
          .description = std::move(row.description),
          .schema = std::move(row.schema),
          .status = std::move(row.status),
          .metadata = std::move(row.metadata),
          .created_at = row.created_at,
          .updated_at = row.updated_at,
          .version = row.version};
}

inline ToolExecution to_record(queries::models::ToolExecution row) {
  return {.message_id = row.message_id,
          .tool_call_id = std::move(row.tool_call_id),
          .conversation_id = row.conversation_id,
          .tool_name = std::move(row.tool_name),
          .arguments = std::move(row.arguments),
          .status = std::move(row.status),
          .result = std::move(row.result),
          .error = std::move(row.error),
          .attempts = row.attempts,
          .result_message_id = row.result_message_id,
          .started_at = row.started_at,
          .ended_at = row.ended_at,
          .version = row.version};
}

/// Several queries give messages, each with a row type of its own and the same fields.
template <class Row>
  requires requires(Row row) { row.seq; }
Message to_record(Row row) {
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
          .created_at = row.created_at,
          .version = row.version};
}

/// The same of embeddings.
template <class Row>
  requires requires(Row row) { row.embedding; }
Embedding to_record(Row row) {
  return {.model_id = row.model_id,
          .content_type = std::move(row.content_type),
          .content_id = row.content_id,
          .chunk = row.chunk,
          .embedding = std::move(row.embedding),
          .content_hash = std::move(row.content_hash),
          .metadata = std::move(row.metadata),
          .created_at = row.created_at,
          .version = row.version};
}

template <class Row>
auto to_records(std::vector<Row> rows) {
  std::vector<decltype(to_record(std::move(rows.front())))> records;
  records.reserve(rows.size());
  for (Row& row : rows) records.push_back(to_record(std::move(row)));
  return records;
}

template <class Row>
auto to_optional_record(std::optional<Row> row) {
  return row ? std::optional(to_record(*std::move(row))) : std::nullopt;
}

}  // namespace loci::storage
