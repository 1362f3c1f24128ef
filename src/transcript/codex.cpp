// Codex keeps one JSONL file a session ("rollout"): a line of session_meta, then the items the
// model was sent and answered, in order. Older files hold the bare items below a bare meta object.
//
// One file is one conversation and its messages are a chain: messages, the model's reasoning, calls
// and outputs, each its own. An item has no lasting id, so its line's text makes it; the same line
// again is a repeat when it carries its time, and another message when it does not.
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/session_text.hpp"

#include <loci/base/error.hpp>
#include <loci/base/uuid.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace loci::transcript {
namespace {

// The first words of what Codex says in the user's name.
constexpr std::array<std::string_view, 6> context_openings{
    "<environment_context>", "<user_instructions>", "<permissions instructions>",
    "<collaboration_mode>",  "<turn_aborted>",      "# AGENTS.md instructions",
};

bool is_context(std::string_view text) {
  return std::ranges::any_of(context_openings,
                             [&](std::string_view opening) { return text.starts_with(opening); });
}

void keep_whole(const Json& item, MessageDraft& message) {
  PartsBuilder parts;
  parts.add(item);
  message.parts = parts.take();
}

bool read_message(const Json& item, MessageDraft& message, Sink& sink, const Place& place) {
  const Json content = item["content"];
  if (!content.is_string() && !content.is_array()) return false;
  const std::string role = item["role"].string_or("");
  message.role = role_or_system(role, sink, place);
  message.content = text_in(content);
  if (content.is_array()) {
    message.parts.text = content.raw();
  } else if (!decodes_exactly(content)) {
    keep_whole(content, message);
  }
  message.metadata = object_without(item, {"type", "role", "content"});
  if (item["role"].exists() && role != to_string(message.role)) {
    message.metadata = with_member(std::move(message.metadata), "role", item["role"].raw());
  }
  if (message.role == Role::user && is_context(message.content)) {
    message.metadata = with_member(std::move(message.metadata), "context", "true");
  }
  return true;
}

// function_call, custom_tool_call, local_shell_call, web_search_call and their kin.
void read_call(const Json& item, std::string_view type, MessageDraft& message) {
  message.role = Role::assistant;
  keep_whole(item, message);
  const Json id = first_of(item, {"call_id", "id"});
  const std::string tool(type.substr(0, type.size() - std::string_view("_call").size()));
  message.calls.push_back(
      {.call_id = id.string_or(message.source_id),
       .name = item["name"].string_or(tool),
       .arguments = tool_arguments(first_of(item, {"arguments", "input", "action"}))});
}

// An output is text, blocks of text, or an object of a text and how it went; in older files that
// object stands inside the text.
void read_output(const Json& output, int nesting, std::string& content, bool& is_error) {
  if (output.is_object()) {
    if (const auto success = output["success"].boolean()) is_error = is_error || !*success;
    const auto exit_code = output["metadata"]["exit_code"].integer();
    is_error = is_error || exit_code.value_or(0) != 0;
    content = text_in(first_of(output, {"content", "output", "text"}));
    return;
  }
  content = text_in(output);
  if (nesting > 0 || !content.starts_with(R"({"output":)")) return;
  try {
    const JsonDocument inner = JsonDocument::parse(content);
    read_output(inner.root(), nesting + 1, content, is_error);
  } catch (const Error&) {
    // Text that only looks like JSON is text.
  }
}

void read_result(const Json& item, MessageDraft& message) {
  message.role = Role::tool;
  keep_whole(item, message);
  bool is_error = false;
  read_output(first_of(item, {"output", "result", "tools"}), 0, message.content, is_error);
  std::string call_id = item["call_id"].string_or("");
  if (!call_id.empty()) message.results.push_back({std::move(call_id), is_error});
}

bool read_item(const Json& item, MessageDraft& message, Sink& sink, const Place& place) {
  const std::string type = item["type"].string_or("message");
  if (type == "message") return read_message(item, message, sink, place);
  if (type.ends_with("_call")) {
    read_call(item, type, message);
  } else if (type.ends_with("_output")) {
    read_result(item, message);
  } else {  // reasoning, and what is not known yet: kept, but no text of the conversation
    message.role = Role::assistant;
    keep_whole(item, message);
  }
  return true;
}

// What of an item, or of a compaction, the parts of its message keep.
Json kept_of(const Json& item, bool compacted) {
  const bool is_message = !compacted && item["type"].string_or("message") == "message";
  return is_message ? item["content"] : item;
}

bool read_compaction(const Json& payload, MessageDraft& message) {
  message.role = Role::system;
  message.content = payload["message"].string_or("");
  keep_whole(payload, message);
  return payload.is_object();
}

class CodexReader final : public FormatReader {
public:
  explicit CodexReader(Sink& sink) : sink_(sink) {}

  void record(const Json& record, const Place& place) override {
    const std::string type = record["type"].string_or("");
    if (!record.is_object()) {
      skip_fault(sink_, place, "not a record of a Codex session");
    } else if (record["payload"].exists()) {
      take_wrapped(type, record, place);
    } else if (!type.empty()) {
      take(record, record, place);
    } else if (!meta_known_ && record["id"].is_string()) {
      take_meta(record);
    } else {
      skip_note(sink_, place, "a record that is no message");
    }
  }

  void finish(const Place& file) override {
    if (!open_) return skip_note(sink_, file, "no message in the file");
    ConversationEnd end{.current_leaf = leaf_, .title = std::nullopt, .updated_at = latest_};
    if (!title_.empty()) end.title = title_;
    sink_.end(std::move(end));
    open_ = false;
  }

private:
  void take_wrapped(const std::string& type, const Json& record, const Place& place) {
    const Json payload = record["payload"];
    if (type == "session_meta" && !meta_known_) return take_meta(payload);
    if (type == "response_item" && payload["type"].string_or("") == "ghost_snapshot") {
      return skip_note(sink_, place, "a record that is no message");
    }
    if (type == "response_item" || type == "compacted") return take(record, payload, place);
    if (type == "turn_context") model_ = payload["model"].string_or(model_);
    if (type == "event_msg") named_ = payload["thread_name"].string_or(named_);
    if (!named_.empty()) title_ = named_;
    skip_note(sink_, place, "a record that is no message");
  }

  void take_meta(const Json& meta) {
    meta_known_ = true;
    if (open_) return;  // too late to name the conversation
    conversation_.source_id = first_of(meta, {"id", "session_id"}).string_or("");
    conversation_.metadata = object_without(meta, {"id", "session_id", "timestamp"});
    conversation_.created_at = time_of(meta["timestamp"]);
  }

  void take(const Json& record, const Json& item, const Place& place) {
    MessageDraft message;
    message.created_at = time_of(record["timestamp"]);
    message.source_id = id_of(record);
    const bool compacted = record["type"].string_or("") == "compacted";
    const bool read =
        compacted ? read_compaction(item, message) : read_item(item, message, sink_, place);
    if (!read) return skip_fault(sink_, place, "a message without content");
    if (message.source_id.empty()) return skip_note(sink_, place, "a repeated message");
    if (!texts_decode_exactly(kept_of(item, compacted))) note_changed_text(sink_, place);
    if (!open_) begin(message);
    if (message.role == Role::assistant) message.model = model_;
    if (title_.empty() && message.role == Role::user && !is_context(message.content)) {
      title_ = title_from(message.content);
    }
    latest_ = std::max(latest_, message.created_at);
    message.parent = std::exchange(leaf_, message.source_id);
    sink_.message(std::move(message));
  }

  // Empty for a repeat.
  std::string id_of(const Json& record) {
    std::string id = derived_id(record.raw());
    const std::uint32_t times = seen_[Uuid::derived({}, id)]++;
    if (times == 0) return id;
    if (record["timestamp"].exists()) return {};
    return derived_id(std::string(record.raw()) + "\n" + std::to_string(times));
  }

  void begin(const MessageDraft& first) {
    conversation_.source = "codex";
    if (conversation_.source_id.empty()) conversation_.source_id = derived_id(first.source_id);
    if (!conversation_.created_at) conversation_.created_at = first.created_at;
    sink_.begin(std::move(conversation_));
    open_ = true;
  }

  Sink& sink_;
  ConversationDraft conversation_;  // until it begins
  bool meta_known_ = false;
  bool open_ = false;
  std::string model_;
  std::string named_;
  std::string title_;
  std::optional<std::string> leaf_;
  std::optional<Timestamp> latest_;
  std::unordered_map<Uuid, std::uint32_t> seen_;  // lines, by the hash of their text
};

}  // namespace

std::unique_ptr<FormatReader> make_codex_reader(Sink& sink) {
  return std::make_unique<CodexReader>(sink);
}

}  // namespace loci::transcript
