#include "transcript/claude_code_message.hpp"

#include <loci/base/json_writer.hpp>

#include "transcript/draft_building.hpp"
#include "transcript/session_text.hpp"

#include <algorithm>
#include <array>

namespace loci::transcript {
namespace {

constexpr std::array<std::string_view, 9> shared_names{"sessionId", "agentId",    "isSidechain",
                                                       "userType",  "cwd",        "version",
                                                       "gitBranch", "entrypoint", "slug"};

// Columns of the message; parentUuid is kept by who resolves it.
constexpr std::array<std::string_view, 6> own_columns{"type",      "uuid",    "parentUuid",
                                                      "timestamp", "message", "attachment"};

void read_call(const Json& block, MessageDraft& message) {
  std::string call_id = block["id"].string_or("");
  if (call_id.empty()) call_id = derived_id(block.raw());
  message.calls.push_back(
      {std::move(call_id), block["name"].string_or(""), tool_arguments(block["input"])});
}

void read_tool_result(const Json& block, MessageDraft& message) {
  append_text(message.content, text_in(block["content"]));
  std::string call_id = block["tool_use_id"].string_or("");
  if (call_id.empty()) return;
  message.results.push_back({std::move(call_id), block["is_error"].boolean().value_or(false)});
}

// Thinking, pictures and whatever else there will be stay in the parts alone.
void read_blocks(const Json& content, MessageDraft& message) {
  message.parts.text = content.raw();
  bool only_results = !content.empty();
  for (const Json block : content) {
    const std::string type = block["type"].string_or("");
    const bool is_result = type.ends_with("tool_result");
    only_results = only_results && is_result;
    if (is_result) {
      read_tool_result(block, message);
    } else if (type.ends_with("tool_use")) {
      read_call(block, message);
    } else if (type == "text" || block.is_string()) {
      append_text(message.content, text_in(block));
    }
  }
  if (only_results && message.role == Role::user) message.role = Role::tool;
}

bool read_content(const Json& content, MessageDraft& message) {
  if (content.is_array()) {
    read_blocks(content, message);
    return true;
  }
  if (!content.is_string()) return false;
  message.content = *content.string();
  if (!decodes_exactly(content)) message.parts.text = "[" + std::string(content.raw()) + "]";
  return true;
}

// What the program put before the model on its own: a file, a reminder, a queued request.
void read_attachment(const Json& attachment, MessageDraft& message) {
  const std::string request = text_in(attachment["prompt"]);
  message.role = request.empty() ? Role::system : Role::user;
  message.content = request.empty() ? text_in(attachment["content"]) : request;
  PartsBuilder parts;
  parts.add(attachment);
  message.parts = parts.take();
}

JsonText metadata_of(const Json& record, const SharedMembers& shared) {
  JsonWriter out;
  out.object();
  for (const Json member : record) {
    const std::string name = member.key();
    if (std::ranges::contains(own_columns, name) || shared.covers(name, member)) continue;
    out.member(name).raw(member.raw());
  }
  const JsonText message = object_without(record["message"], {"type", "role", "content", "model"});
  if (message.text != "{}") out.member("message").raw(message.text);
  out.close();
  return {std::move(out).text()};
}

}  // namespace

SharedMembers::SharedMembers(const Json& first_record) {
  for (const std::string_view name : shared_names) {
    const Json value = first_record[name];
    if (value.exists()) members_.emplace_back(name, value.raw());
  }
}

JsonText SharedMembers::as_metadata() const {
  JsonWriter out;
  out.object();
  for (const auto& [name, value] : members_) out.member(name).raw(value);
  out.close();
  return {std::move(out).text()};
}

bool SharedMembers::covers(std::string_view name, const Json& value) const {
  return std::ranges::any_of(members_, [&](const auto& member) {
    return member.first == name && member.second == value.raw();
  });
}

std::string claude_code_id(const Json& record) {
  const std::string uuid = record["uuid"].string_or("");
  return uuid.empty() ? derived_id(record.raw()) : uuid;
}

Json claude_code_content(const Json& record) {
  const std::string type = record["type"].string_or("");
  if (type == "attachment") return record["attachment"];
  return type == "system" ? record["content"] : record["message"]["content"];
}

std::optional<MessageDraft> read_claude_code_message(const Json& record,
                                                     const SharedMembers& shared) {
  const std::string type = record["type"].string_or("");
  const Json content = claude_code_content(record);
  MessageDraft message;
  message.source_id = claude_code_id(record);
  if (type == "attachment") {
    if (!content.is_object()) return std::nullopt;
    read_attachment(content, message);
  } else if (type == "system") {
    message.role = Role::system;
    if (!read_content(content, message)) return std::nullopt;
  } else {
    const Json body = record["message"];
    message.role = parse_role(body["role"].string_or(type)).value_or(Role::user);
    message.model = body["model"].string_or("");
    if (!read_content(content, message)) return std::nullopt;
  }
  message.created_at = time_of(record["timestamp"]);
  message.metadata = metadata_of(record, shared);
  return message;
}

}  // namespace loci::transcript
