#pragma once
#include <loci/storage/limits.hpp>
#include <loci/storage/records.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What every storage refuses before it does anything, alike: what is over the limits, and what
/// PostgreSQL would refuse for its form. What depends on other records, or on the record as it is
/// stored, is not checked here.
///
/// Errors, everywhere: invalid_argument, naming the field.
namespace loci::storage {

void require_storable(std::optional<std::string_view> text, std::string_view what,
                      std::size_t most_bytes = limits::content);
/// What a json column takes.
void require_json(const JsonText& json, std::string_view what);
/// What a jsonb column takes.
void require_jsonb(const JsonText& json, std::string_view what);
/// An object that a jsonb column takes.
void require_object(const JsonText& json, std::string_view what);

/// A time that PostgreSQL can keep: from 4713 BC on, or -infinity.
void require_time(std::optional<Timestamp> time, std::string_view what);
/// The id that a new record is given: not the nil one, which stands for a record that is not there.
void require_id(const std::optional<Uuid>& id);

/// Of a list and its like: 1 to limits::list.
void require_limit(std::int32_t limit);
/// Of create_batch() and its like.
void require_batch(std::size_t items);
/// Of get_batch() and its like.
void require_keys(std::size_t keys);

void check(const NewConversation& conversation);
void check(const ConversationPatch& patch);
void check(const NewMessage& message);
/// As an import brings it.
void check(const Message& message);
void check(const MessagePatch& patch);
void check(const NewEmbedding& embedding);
void check(const EmbeddingPatch& patch);
void check(const NewMemory& memory);
void check(const MemoryPatch& patch);
void check(const NewTool& tool);
void check(const ToolPatch& patch);
void check(const NewToolExecution& execution);
/// As an import brings it.
void check(const ToolExecution& execution);
void check(const ToolExecutionPatch& patch);

void check(const EmbeddingKey& key);
void check(const ExecutionKey& key);
inline void check(const Uuid& /*key*/) {}

/// A user by whom a view is narrowed, or who is erased: not the empty one, who is everybody.
void check_user(std::string_view user_id);

/// A view is narrowed further, never to what the one it is made of does not see: in a view of one
/// user that is the same user alone. nullopt: to everybody.
void require_no_wider(const std::optional<std::string>& viewer,
                      const std::optional<std::string>& user_id);
/// What a view does when it is asked to change the schema, which is every tenant's.
void refuse_migration_by_view();

/// Of an embedding model.
void check_model(std::string_view name, std::int32_t dimensions);

}  // namespace loci::storage
