#pragma once
#include <loci/storage/records.hpp>

#include <tuple>

/// What Repository::update() and replace() have in common for each kind of record.
namespace loci::storage::mock {

/// A patch's changes, as a tuple of references.
inline auto changes(const ConversationPatch& p) {
  return std::tie(p.title, p.status, p.metadata, p.current_leaf_id);
}
inline auto changes(const MessagePatch& p) {
  return std::tie(p.content, p.parts, p.model, p.metadata);
}
inline auto changes(const EmbeddingPatch& p) {
  return std::tie(p.embedding, p.content_hash, p.metadata);
}
inline auto changes(const MemoryPatch& p) {
  return std::tie(p.kind, p.content, p.importance, p.pinned, p.metadata, p.valid_from, p.valid_to,
                  p.expires_at);
}
inline auto changes(const ToolPatch& p) {
  return std::tie(p.description, p.status, p.metadata);
}
inline auto changes(const ToolExecutionPatch& p) {
  return std::tie(p.status, p.result, p.error, p.result_message_id);
}

template <class Patch>
[[nodiscard]] bool is_empty(const Patch& patch) {
  return std::apply([](const auto&... change) { return !(change.has_value() || ...); },
                    changes(patch));
}

/// Every field that a patch could change, as it is in the record, for the record's version.
inline ConversationPatch whole(const Conversation& r) {
  return {r.title, r.status, r.metadata, r.current_leaf_id, r.version};
}
inline MessagePatch whole(const Message& r) {
  return {r.content, r.parts, r.model, r.metadata, r.version};
}
inline EmbeddingPatch whole(const Embedding& r) {
  return {r.embedding, r.content_hash, r.metadata, r.version};
}
inline MemoryPatch whole(const Memory& r) {
  return {r.kind,       r.content,  r.importance, r.pinned, r.metadata,
          r.valid_from, r.valid_to, r.expires_at, r.version};
}
inline ToolPatch whole(const Tool& r) {
  return {r.description, r.status, r.metadata, r.version};
}
inline ToolExecutionPatch whole(const ToolExecution& r) {
  return {r.status, r.result, r.error, r.result_message_id, r.version};
}

inline const Uuid& key_of_record(const Conversation& r) {
  return r.id;
}
inline const Uuid& key_of_record(const Message& r) {
  return r.id;
}
inline const Uuid& key_of_record(const Memory& r) {
  return r.id;
}
inline const Uuid& key_of_record(const Tool& r) {
  return r.id;
}
inline EmbeddingKey key_of_record(const Embedding& r) {
  return r.key();
}
inline ExecutionKey key_of_record(const ToolExecution& r) {
  return r.key();
}

}  // namespace loci::storage::mock
