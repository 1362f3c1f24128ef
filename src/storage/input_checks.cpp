#include "storage/input_checks.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/pg/types/numeric.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <string>

namespace loci::storage {

namespace {

constexpr std::int32_t k_most_dimensions = 16'000;  // of pgvector
// Of PostgreSQL; its last one lies behind ours.
constexpr Timestamp k_first_time{std::chrono::microseconds(-210'866'803'200'000'000)};
constexpr std::string_view k_empty_object = "{}";  // what most metadata is: nothing to look at

[[noreturn]] void refuse(std::string_view what, std::string_view why) {
  throw Error(ErrorKind::invalid_argument, std::string(what) + " " + std::string(why));
}

// How deep arrays and objects are nested, told from the brackets outside of strings.
int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

JsonDocument parse(const JsonText& json, std::string_view what) {
  require_storable(json.text, what, limits::json);
  if (depth_of(json.text) > limits::json_depth) {
    refuse(what, "is nested deeper than " + std::to_string(limits::json_depth) + " levels");
  }
  try {
    return JsonDocument::parse(json.text);
  } catch (const Error& error) {
    refuse(what, std::string("is ") + error.what());
  }
}

void require_numbers(const Json& json, std::string_view what) {
  if (json.is_number() && !Decimal::parse(json.raw())) {
    refuse(what, "holds a number that is larger or finer than a column can hold");
  }
  for (const Json part : json) require_numbers(part, what);
}

JsonDocument parse_jsonb(const JsonText& json, std::string_view what) {
  JsonDocument parsed = parse(json, what);
  if (to_storable_json(json.text) != json.text) {
    refuse(what, "holds \\u0000 or a lone surrogate: pass it through to_storable_json()");
  }
  require_numbers(parsed.root(), what);
  return parsed;
}

void require_name(std::optional<std::string_view> text, std::string_view what) {
  require_storable(text, what, limits::name);
}

void require_one_of(std::string_view value, std::initializer_list<std::string_view> known,
                    std::string_view what) {
  if (std::ranges::find(known, value) != known.end()) return;
  std::string names;
  for (const std::string_view each : known) {
    names.append(names.empty() ? "" : ", ").append(each);
  }
  refuse(what, "is one of " + names);
}

void require_role(std::string_view role) {
  require_one_of(role, {"user", "assistant", "system", "tool"}, "role");
}
void require_kind(std::string_view kind) {
  require_one_of(kind, {"episodic", "semantic", "procedural", "working"}, "kind");
}
void require_execution_status(std::string_view status) {
  require_one_of(status, {"pending", "running", "ok", "error", "denied", "cancelled"}, "status");
}
void require_content_type(std::string_view type) {
  require_one_of(type, {"message", "memory"}, "content_type");
}
void require_importance(double importance) {
  if (!(importance >= 0 && importance <= 1)) refuse("importance", "is a number from 0 to 1");
}
void require_memory_content(std::string_view content) {
  if (content.empty()) refuse("content", "of a memory is not empty");
  require_storable(content, "content");
}

// What a message has, new or taken over.
template <class Made>
void check_message(const Made& message) {
  if (message.parent_id && message.parent_id == message.id) {
    refuse("parent_id", "is the message itself");
  }
  require_role(message.role);
  require_storable(message.content, "content");
  if (message.parts) require_json(*message.parts, "parts");
  require_name(message.model, "model");
  require_object(message.metadata, "metadata");
  require_name(message.source_id, "source_id");
  require_time(message.created_at, "created_at");
}

template <class Made>
void check_execution(const Made& execution) {
  require_name(execution.tool_call_id, "tool_call_id");
  require_name(execution.tool_name, "tool_name");
  require_json(execution.arguments, "arguments");
}

void require_vector(const Vector& vector) {
  const auto& values = vector.values;
  if (values.empty() || values.size() > k_most_dimensions) {
    refuse("embedding", "has 1 to " + std::to_string(k_most_dimensions) + " dimensions");
  }
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    refuse("embedding", "holds a value that is not finite");
  }
  if (std::ranges::all_of(values, [](float value) { return value == 0; })) {
    refuse("embedding", "is all zeros: it has no direction");
  }
}

}  // namespace

void require_storable(std::optional<std::string_view> text, std::string_view what,
                      std::size_t most_bytes) {
  if (!text) return;
  if (text->size() > most_bytes) {
    refuse(what, "has " + std::to_string(text->size()) + " bytes, more than " +
                     std::to_string(most_bytes));
  }
  if (!is_storable(*text)) {
    refuse(what, "holds a NUL or is not valid UTF-8: pass it through to_storable()");
  }
}

void require_json(const JsonText& json, std::string_view what) {
  (void)parse(json, what);
}

void require_jsonb(const JsonText& json, std::string_view what) {
  (void)parse_jsonb(json, what);
}

void require_object(const JsonText& json, std::string_view what) {
  if (json.text == k_empty_object) return;
  if (!parse_jsonb(json, what).root().is_object()) refuse(what, "must be a JSON object");
}

void require_time(std::optional<Timestamp> time, std::string_view what) {
  if (time && *time < k_first_time && *time != Timestamp::min()) refuse(what, "begins in 4713 BC");
}

void require_id(const std::optional<Uuid>& id) {
  if (id && id->is_nil()) refuse("id", "is nil: it stands for a record that is not there");
}

void require_limit(std::int32_t limit) {
  if (limit < 1 || limit > limits::list) {
    refuse("limit", "is 1 to " + std::to_string(limits::list));
  }
}

void require_batch(std::size_t items) {
  if (items > limits::batch) {
    refuse("a batch", "has at most " + std::to_string(limits::batch) + " items");
  }
}

void require_keys(std::size_t keys) {
  if (keys > limits::keys) {
    refuse("a batch", "of keys has at most " + std::to_string(limits::keys));
  }
}

void check(const NewConversation& conversation) {
  require_id(conversation.id);
  require_name(conversation.user_id, "user_id");
  require_storable(conversation.title, "title", limits::title);
  require_name(conversation.source, "source");
  require_name(conversation.source_id, "source_id");
  if (conversation.source.has_value() != conversation.source_id.has_value()) {
    refuse("source", "and source_id go together");
  }
  require_time(conversation.created_at, "created_at");
  require_object(conversation.metadata, "metadata");
}

void check(const ConversationPatch& patch) {
  require_storable(patch.title, "title", limits::title);
  if (patch.status) require_one_of(*patch.status, {"active", "archived"}, "status");
  if (patch.metadata) require_object(*patch.metadata, "metadata");
}

void check(const NewMessage& message) {
  require_id(message.id);
  check_message(message);
}

void check(const Message& message) {
  require_id(message.id);
  check_message(message);
}

void check(const MessagePatch& patch) {
  require_storable(patch.content, "content");
  if (patch.parts && *patch.parts) require_json(**patch.parts, "parts");
  if (patch.model) require_name(*patch.model, "model");
  if (patch.metadata) require_object(*patch.metadata, "metadata");
}

void check(const NewEmbedding& embedding) {
  require_content_type(embedding.content_type);
  if (embedding.chunk < 0) refuse("chunk", "is 0 or more");
  require_vector(embedding.embedding);
  if (embedding.content_hash.size() > limits::name) refuse("content_hash", "is too long");
  require_object(embedding.metadata, "metadata");
}

void check(const EmbeddingPatch& patch) {
  if (patch.embedding) require_vector(*patch.embedding);
  if (patch.content_hash && patch.content_hash->size() > limits::name) {
    refuse("content_hash", "is too long");
  }
  if (patch.metadata) require_object(*patch.metadata, "metadata");
}

void check(const NewMemory& memory) {
  require_id(memory.id);
  require_name(memory.scope.user_id, "user_id");
  require_storable(memory.scope.agent_id, "agent_id", limits::scope);
  require_storable(memory.scope.name_space, "namespace", limits::scope);
  require_kind(memory.kind);
  require_memory_content(memory.content);
  require_importance(memory.importance);
  require_object(memory.metadata, "metadata");
  require_time(memory.valid_from, "valid_from");
  require_time(memory.valid_to, "valid_to");
  require_time(memory.expires_at, "expires_at");
  require_time(memory.created_at, "created_at");
  require_keys(memory.sources.size());
}

void check(const MemoryPatch& patch) {
  if (patch.kind) require_kind(*patch.kind);
  if (patch.content) require_memory_content(*patch.content);
  if (patch.importance) require_importance(*patch.importance);
  if (patch.metadata) require_object(*patch.metadata, "metadata");
  require_time(patch.valid_from, "valid_from");
  if (patch.valid_to) require_time(*patch.valid_to, "valid_to");
  if (patch.expires_at) require_time(*patch.expires_at, "expires_at");
}

void check(const NewTool& tool) {
  require_id(tool.id);
  if (tool.name.empty()) refuse("name", "of a tool is not empty");
  require_name(tool.name, "name");
  if (tool.tool_version && *tool.tool_version < 1) refuse("tool_version", "is 1 or more");
  require_storable(tool.description, "description");
  require_json(tool.schema, "schema");
  require_object(tool.metadata, "metadata");
}

void check(const ToolPatch& patch) {
  require_storable(patch.description, "description");
  if (patch.status) require_one_of(*patch.status, {"active", "retired"}, "status");
  if (patch.metadata) require_object(*patch.metadata, "metadata");
}

void check(const NewToolExecution& execution) {
  check_execution(execution);
}

void check(const ToolExecution& execution) {
  check_execution(execution);
  require_execution_status(execution.status);
  require_time(execution.started_at, "started_at");
}

void check(const ToolExecutionPatch& patch) {
  if (patch.status) require_execution_status(*patch.status);
  if (patch.result && *patch.result) require_json(**patch.result, "result");
  if (patch.error) require_storable(*patch.error, "error");
}

void check(const EmbeddingKey& key) {
  require_name(key.content_type, "content_type");
}

void check(const ExecutionKey& key) {
  require_name(key.tool_call_id, "tool_call_id");
}

void check_user(std::string_view user_id) {
  require_name(user_id, "user_id");
  if (user_id.empty()) refuse("user_id", "is empty: what is everybody's is no user's");
}

void require_no_wider(const std::optional<std::string>& viewer,
                      const std::optional<std::string>& user_id) {
  if (!viewer || user_id == viewer) return;
  throw Error(ErrorKind::invalid_argument, "a view of one user shows nobody else's records");
}

void refuse_migration_by_view() {
  throw Error(ErrorKind::invalid_argument,
              "a view migrates nothing: the schema is every tenant's, ask the storage itself");
}

void check_model(std::string_view name, std::int32_t dimensions) {
  if (name.empty()) refuse("name", "of a model is not empty");
  require_name(name, "name");
  if (dimensions < 1 || dimensions > k_most_dimensions) {
    refuse("dimensions", "are 1 to " + std::to_string(k_most_dimensions));
  }
}

}  // namespace loci::storage
