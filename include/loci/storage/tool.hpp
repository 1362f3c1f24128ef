#pragma once
#include <loci/storage/repository.hpp>

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loci::storage {

/// One version of a tool that an assistant may call.
struct Tool {
  Uuid id;
  std::string name;
  std::int32_t tool_version = 1;  ///< Of the tool, from 1; each name counts its own.
  std::string description;
  JsonText schema;     ///< JSON Schema of its arguments, byte for byte.
  std::string status;  ///< "active" or "retired".
  JsonText metadata;
  Timestamp created_at;
  Timestamp updated_at;
  std::int64_t version = 1;  ///< Of the row.
};

struct NewTool {
  std::optional<Uuid> id;
  std::string name;
  std::optional<std::int32_t> tool_version;  ///< Missing: one past the newest.
  std::string description;
  JsonText schema{"{}"};
  JsonText metadata{"{}"};
};

struct ToolPatch {
  Change<std::string> description = {};
  Change<std::string> status = {};
  Change<JsonText> metadata = {};
  std::optional<std::int64_t> if_version = {};
};

/// What a filter may ask of tools, beside metadata(). Own order: name, ascending.
struct ToolFields {
  static constexpr Field<Uuid> id{"id"};
  static constexpr Field<std::string> name{"name"};
  static constexpr Field<std::int64_t> tool_version{"tool_version"};
  static constexpr Field<std::string> status{"status"};
  static constexpr Field<Timestamp> created_at{"created_at"};
  static constexpr Field<Timestamp> updated_at{"updated_at"};
};

template <>
struct RecordTraits<Tool> {
  using Key = Uuid;
  using New = NewTool;
  using Patch = ToolPatch;
};

struct ExecutionKey {
  Uuid message_id;  ///< The assistant message that asked for the call.
  std::string tool_call_id;
  auto operator<=>(const ExecutionKey&) const = default;
};

struct ToolExecution {
  Uuid message_id;
  std::string tool_call_id;
  Uuid conversation_id;
  std::string tool_name;
  JsonText arguments;  ///< Byte for byte.
  std::string status;  ///< "pending", "running", "ok", "error", "denied", "cancelled".
  std::optional<JsonText> result;
  std::optional<std::string> error;
  std::int32_t attempts = 0;              ///< How often it was begun.
  std::optional<Uuid> result_message_id;  ///< The message that carries what came back.
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::int64_t version = 1;

  [[nodiscard]] ExecutionKey key() const { return {message_id, tool_call_id}; }
  /// From the start of the last attempt; nullopt while it has not ended.
  [[nodiscard]] std::optional<std::chrono::microseconds> duration() const {
    if (!started_at || !ended_at) return std::nullopt;
    return *ended_at - *started_at;
  }
};

struct NewToolExecution {
  Uuid message_id;
  std::string tool_call_id;
  std::string tool_name;
  JsonText arguments{"{}"};
};

/// A change of status is checked: see may_become(). Errors: invalid_argument for a
/// result_message_id that is no message of the execution's conversation.
struct ToolExecutionPatch {
  Change<std::string> status = {};
  Change<std::optional<JsonText>> result = {};
  Change<std::optional<std::string>> error = {};
  Change<std::optional<Uuid>> result_message_id = {};  ///< A message of the call's conversation.
  std::optional<std::int64_t> if_version = {};
};

/// What a filter may ask of executions. Own order: message_id and tool_call_id, newest first.
struct ToolExecutionFields {
  static constexpr Field<Uuid> message_id{"message_id"};
  static constexpr Field<std::string> tool_call_id{"tool_call_id"};
  static constexpr Field<Uuid> conversation_id{"conversation_id"};
  static constexpr Field<std::string> tool_name{"tool_name"};
  static constexpr Field<std::string> status{"status"};
  static constexpr Field<std::int64_t> attempts{"attempts"};
  static constexpr Field<Timestamp> started_at{"started_at"};
  static constexpr Field<Timestamp> ended_at{"ended_at"};
};

template <>
struct RecordTraits<ToolExecution> {
  using Key = ExecutionKey;
  using New = NewToolExecution;
  using Patch = ToolExecutionPatch;
};

/// Whether an execution may go from one status to another: pending to running, ok, error, denied or
/// cancelled; running to ok, error, cancelled or back to pending; error to running (a further
/// attempt). ok, denied and cancelled are final. A status may always stay as it is.
[[nodiscard]] bool may_become(std::string_view from, std::string_view to) noexcept;

/// An execution begins as pending. Becoming running sets started_at and counts an attempt; becoming
/// ok, error, denied or cancelled sets ended_at; going back to work clears it.
class ToolExecutionRepository : public Repository<ToolExecution> {
public:
  /// Cancels what is pending or running in a conversation: what a client does that starts again.
  /// Gives their number.
  virtual Task<std::int64_t> close_pending(Uuid conversation_id, Deadline = default_deadline()) = 0;
};

class ToolRepository : public Repository<Tool> {
public:
  /// The newest version of that name, or the one asked for.
  virtual Task<std::optional<Tool>> find(std::string name,
                                         std::optional<std::int32_t> tool_version = {},
                                         Deadline = default_deadline()) = 0;
  /// The newest version of that name if it has this description and schema and is not retired, else
  /// a new version: what a program calls for each of its tools when it starts.
  virtual Task<Tool> register_tool(NewTool tool, Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
