#include <loci/base/json_writer.hpp>
#include <loci/transcript/loci_jsonl.hpp>

#include <string_view>

namespace loci::transcript {
namespace {

void write_text(JsonWriter& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.member(name).value(text);
}

void write_id(JsonWriter& out, std::string_view name, const std::optional<Uuid>& id) {
  if (id) out.member(name).value(id->str());
}

// A line break inside would end the line.
void write_json(JsonWriter& out, std::string_view name, const JsonText& json) {
  if (json.text.empty()) return;
  if (json.text.find_first_of("\r\n") == std::string::npos) {
    out.member(name).raw(json.text);
  } else {
    out.member(std::string(name) + "_text").value(json.text);
  }
}

void write_calls(JsonWriter& out, const std::vector<ExportedToolCall>& calls) {
  if (calls.empty()) return;
  out.member("tool_calls").array();
  for (const ExportedToolCall& call : calls) {
    out.object();
    write_id(out, "id", call.id);
    out.member("call_id").value(call.call_id).member("name").value(call.name);
    write_json(out, "arguments", call.arguments);
    write_text(out, "status", call.status);
    out.close();
  }
  out.close();
}

void write_results(JsonWriter& out, const std::vector<ToolResult>& results) {
  if (results.empty()) return;
  out.member("tool_results").array();
  for (const ToolResult& result : results) {
    out.object().member("call_id").value(result.call_id);
    if (result.is_error) out.member("is_error").value(true);
    out.close();
  }
  out.close();
}

std::string finished(JsonWriter& out) {
  out.close();
  return out.text() + "\n";
}

}  // namespace

std::string to_jsonl(const ExportedConversation& conversation) {
  const std::string id = conversation.id.str();
  JsonWriter out;
  out.object().member("loci").value(1).member("type").value("conversation").member("id").value(id);
  if (conversation.source != "loci") write_text(out, "source", conversation.source);
  if (conversation.source_id != id) write_text(out, "source_id", conversation.source_id);
  if (conversation.user_id) out.member("user_id").value(*conversation.user_id);
  write_text(out, "title", conversation.title);
  write_text(out, "status", conversation.status);
  write_json(out, "metadata", conversation.metadata);
  write_id(out, "current_leaf", conversation.current_leaf);
  out.member("created_at").value(to_rfc3339(conversation.created_at));
  out.member("updated_at").value(to_rfc3339(conversation.updated_at));
  return finished(out);
}

std::string to_jsonl(const ExportedMessage& message) {
  const std::string id = message.id.str();
  JsonWriter out;
  out.object().member("type").value("message").member("id").value(id);
  write_id(out, "parent", message.parent);
  if (message.source_id != id) write_text(out, "source_id", message.source_id);
  out.member("role").value(to_string(message.role)).member("content").value(message.content);
  write_json(out, "parts", message.parts);
  write_text(out, "model", message.model);
  write_json(out, "metadata", message.metadata);
  out.member("created_at").value(to_rfc3339(message.created_at));
  write_calls(out, message.tool_calls);
  write_results(out, message.tool_results);
  return finished(out);
}

}  // namespace loci::transcript
