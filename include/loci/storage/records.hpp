#pragma once
#include <loci/base/json.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>
#include <loci/pg/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What Loci keeps, as plain values. A record never names its tenant: the storage it came from
/// does.
namespace loci::storage {

struct Conversation {
  Uuid id;
  std::string user_id;
  std::string title;
  std::string status;                   ///< "active" or "archived".
  JsonText metadata;                    ///< An object.
  std::optional<Uuid> current_leaf_id;  ///< Last message of the branch last worked on.
  std::int64_t last_seq = 0;            ///< How many messages it ever had.
  std::optional<std::string> source;    ///< Where it was imported from, and its name there.
  std::optional<std::string> source_id;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> deleted_at;
};

struct NewConversation {
  std::optional<Uuid> id;  ///< Missing: a new v7. Given, it is the idempotency key.
  std::string user_id;
  std::string title;
  JsonText metadata{"{}"};
  std::optional<std::string> source;  ///< Both or neither.
  std::optional<std::string> source_id;
  std::optional<Timestamp> created_at;  ///< Missing: now.
};

/// What to change; a missing field stays as it is.
struct ConversationPatch {
  std::optional<std::string> title;
  std::optional<std::string> status;
  std::optional<JsonText> metadata;
};

struct Message {
  Uuid id;
  Uuid conversation_id;
  std::int64_t seq = 0;           ///< From 1, without gaps.
  std::optional<Uuid> parent_id;  ///< Siblings are branches.
  std::string role;               ///< "user", "assistant", "system" or "tool".
  std::string content;
  std::optional<JsonText> parts;  ///< The original's blocks, byte for byte.
  std::optional<std::string> model;
  JsonText metadata;
  std::optional<std::string> source_id;
  Timestamp created_at;
};

struct NewMessage {
  std::optional<Uuid> id;         ///< Missing: a new v7.
  std::optional<Uuid> parent_id;  ///< Missing: the message before it.
  std::string role;
  std::string content;  ///< Must be storable (base/text.hpp).
  std::optional<JsonText> parts;
  std::optional<std::string> model;
  JsonText metadata{"{}"};
  std::optional<std::string> source_id;
  std::optional<Timestamp> created_at;  ///< Missing: now.
};

struct ToolExecution {
  Uuid message_id;  ///< The assistant message that asked for the call.
  std::string tool_call_id;
  std::string tool_name;
  JsonText arguments;
  std::string status;  ///< "pending", "running", "ok", "error", "denied", "cancelled".
  std::optional<Uuid> result_message_id;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
};

struct EmbeddingModel {
  std::int32_t id = 0;
  std::string name;
  std::int32_t dimensions = 0;
};

/// One vector of one chunk of a text.
struct Embedding {
  std::string content_type = "message";
  Uuid content_id;
  std::int32_t chunk = 0;
  Vector embedding;
  std::string content_hash;  ///< Bytes; of the text that was embedded.
};

}  // namespace loci::storage
