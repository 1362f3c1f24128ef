#pragma once
#include <loci/base/json.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>
#include <loci/transcript/drafts.hpp>

#include <optional>
#include <string>
#include <vector>

/// Loci's own format: what `loci export` writes and `loci import` reads back the same.
///
/// JSONL. A conversation is one line, `{"loci":1,"type":"conversation",...}`, and below it a line
/// for each message, `{"type":"message",...}`, parents first. Members come in the order of the
/// structs below, and one that is absent or empty is left out. `parent` and `current_leaf` are
/// Loci's ids. JSON of the user (metadata, parts, arguments) stands as it is; where it has line
/// breaks of its own it stands in `metadata_text`, `parts_text`, `arguments_text` as a string, so
/// that no byte changes. A source or source_id that Loci made up itself (source "loci", the id) is
/// left out too, so that exporting what was imported gives the same bytes.
namespace loci::transcript {

struct ExportedConversation {
  Uuid id;
  std::string source;     ///< Empty: begun with Loci itself.
  std::string source_id;  ///< Empty: the id.
  std::optional<std::string> user_id;
  std::string title;
  std::string status;  ///< Empty: the usual one.
  JsonText metadata{"{}"};
  std::optional<Uuid> current_leaf;
  Timestamp created_at;
  Timestamp updated_at;
};

struct ExportedToolCall {
  std::optional<Uuid> id;
  std::string call_id;
  std::string name;
  JsonText arguments{"{}"};
  std::string status;  ///< Empty: not said.
};

struct ExportedMessage {
  Uuid id;
  std::optional<Uuid> parent;
  std::string source_id;  ///< Empty: the id.
  Role role = Role::user;
  std::string content;
  JsonText parts;  ///< Empty: none.
  std::string model;
  JsonText metadata{"{}"};
  Timestamp created_at;
  std::vector<ExportedToolCall> tool_calls;
  std::vector<ToolResult> tool_results;
};

/// The line of it, with its line break. Texts must be UTF-8, JsonTexts one JSON value each.
[[nodiscard]] std::string to_jsonl(const ExportedConversation& conversation);
[[nodiscard]] std::string to_jsonl(const ExportedMessage& message);

}  // namespace loci::transcript
