#include "storage/patches.hpp"

namespace loci::storage {

ConversationPatch whole_patch(const Conversation& record) {
  return {.title = record.title,
          .status = record.status,
          .metadata = record.metadata,
          .current_leaf_id = Change<std::optional<Uuid>>(record.current_leaf_id),
          .if_version = record.version};
}
MessagePatch whole_patch(const Message& record) {
  return {.content = record.content,
          .parts = Change<std::optional<JsonText>>(record.parts),
          .model = Change<std::optional<std::string>>(record.model),
          .metadata = record.metadata,
          .if_version = record.version};
}
EmbeddingPatch whole_patch(const Embedding& record) {
  return {.embedding = record.embedding,
          .content_hash = record.content_hash,
          .metadata = record.metadata,
          .if_version = record.version};
}
MemoryPatch whole_patch(const Memory& record) {
  return {.kind = record.kind,
          .content = record.content,
          .importance = record.importance,
          .pinned = record.pinned,
          .metadata = record.metadata,
          .valid_from = record.valid_from,
          .valid_to = Change<std::optional<Timestamp>>(record.valid_to),
          .expires_at = Change<std::optional<Timestamp>>(record.expires_at),
          .if_version = record.version};
}
ToolPatch whole_patch(const Tool& record) {
  return {.description = record.description,
          .status = record.status,
          .metadata = record.metadata,
          .if_version = record.version};
}
ToolExecutionPatch whole_patch(const ToolExecution& record) {
  return {.status = record.status,
          .result = Change<std::optional<JsonText>>(record.result),
          .error = Change<std::optional<std::string>>(record.error),
          .result_message_id = Change<std::optional<Uuid>>(record.result_message_id),
          .if_version = record.version};
}

bool is_registered(const Tool& newest, const NewTool& as) noexcept {
  return newest.status != "retired" && newest.description == as.description &&
         newest.schema == as.schema;
}

bool is_empty(const ConversationPatch& patch) noexcept {
  return !patch.title && !patch.status && !patch.metadata && !patch.current_leaf_id;
}
bool is_empty(const MessagePatch& patch) noexcept {
  return !patch.content && !patch.parts && !patch.model && !patch.metadata;
}
bool is_empty(const EmbeddingPatch& patch) noexcept {
  return !patch.embedding && !patch.content_hash && !patch.metadata;
}
bool is_empty(const MemoryPatch& patch) noexcept {
  return !patch.kind && !patch.content && !patch.importance && !patch.pinned && !patch.metadata &&
         !patch.valid_from && !patch.valid_to && !patch.expires_at;
}
bool is_empty(const ToolPatch& patch) noexcept {
  return !patch.description && !patch.status && !patch.metadata;
}
bool is_empty(const ToolExecutionPatch& patch) noexcept {
  return !patch.status && !patch.result && !patch.error && !patch.result_message_id;
}

}  // namespace loci::storage
