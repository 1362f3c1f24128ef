#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/message_chain.hpp"

#include <algorithm>
#include <array>

// Chat messages as the OpenAI API takes and gives them: an object with `messages`, a bare array of
// messages, or bare messages, which are all of one conversation when a file is made of them.
namespace loci::transcript {
namespace {

constexpr std::array<std::string_view, 5> time_names{"created_at", "create_time", "created",
                                                     "timestamp", "time"};

// The first member that is a time, and its name.
std::pair<std::optional<Timestamp>, std::string_view> time_in(const Json& object) {
  for (const std::string_view name : time_names) {
    if (const auto time = time_of(object[name])) return {time, name};
  }
  return {};
}

// Builds the messages of one conversation, one after the other.
class OpenAiConversation {
public:
  void add(const Json& source, Sink& sink, const Place& place) {
    if (!source.is_object()) return skip_fault(sink, place, "a message that is no object");
    MessageDraft draft;
    const std::string role = source["role"].string_or("");
    draft.role = role_or_system(role, sink, place);
    const bool is_exact = fill_content(draft, source);
    add_calls(draft, source);
    add_result(draft, source, role);
    if (!is_exact) {
      note_changed_text(sink, place);
    }
    draft.model = source["model"].string_or("");
    std::vector<std::string_view> held{"content", "function_call", "refusal"};
    if (source["tool_calls"].is_array() || source["tool_calls"].is_null())
      held.emplace_back("tool_calls");
    const auto [time, time_name] = time_in(source);
    draft.created_at = time;
    if (time) held.push_back(time_name);
    if (role == to_string(draft.role)) held.emplace_back("role");
    if (!draft.model.empty()) held.emplace_back("model");
    draft.metadata = object_without(source, held);
    messages.push_back(std::move(draft));
  }

  std::vector<MessageDraft> messages;

private:
  // False when the text had to be changed to be storable.
  bool fill_content(MessageDraft& draft, const Json& source) {
    const Json content = source["content"];
    bool is_exact = true;
    const auto take = [&](const Json& text) {
      if (!text.is_string()) return;
      append_text(draft.content, *text.string());
      is_exact = is_exact && decodes_exactly(text);
    };
    take(content);
    for (const Json block : content) {
      take(block.is_string() ? block : first_of(block, {"text", "refusal"}));
    }
    take(source["refusal"]);

    const bool is_plain = is_exact && (content.is_null() || content.is_string()) &&
                          source["tool_calls"].empty() && source["function_call"].is_null() &&
                          source["refusal"].is_null();
    if (is_plain) return true;
    PartsBuilder parts;
    if (content.is_array()) {
      for (const Json block : content) parts.add(block);
    } else if (!content.is_null()) {
      parts.add_member(source, "content");
    }
    if (!source["refusal"].is_null()) parts.add_member(source, "refusal");
    for (const Json call : source["tool_calls"]) parts.add(call);
    if (!source["function_call"].is_null()) parts.add_member(source, "function_call");
    draft.parts = parts.take();
    return is_exact;
  }

  void add_calls(MessageDraft& draft, const Json& source) {
    for (const Json call : source["tool_calls"]) {
      if (!call.is_object()) continue;
      const Json function = call["function"].is_object() ? call["function"] : call;
      add_call(draft, call["id"].string_or(""), function);
    }
    // The older form has no ids; its result names the function.
    const Json function = source["function_call"];
    if (function.is_object()) add_call(draft, {}, function);
  }

  void add_call(MessageDraft& draft, std::string id, const Json& function) {
    ++calls_;
    if (id.empty()) id = "call-" + std::to_string(calls_);
    last_call_ = id;
    draft.calls.push_back(
        {std::move(id), function["name"].string_or(""), tool_arguments(function["arguments"])});
  }

  void add_result(MessageDraft& draft, const Json& source, std::string_view role) {
    std::string id = source["tool_call_id"].string_or("");
    if (id.empty() && role == "function") id = last_call_;
    if (draft.role == Role::tool && !id.empty()) draft.results.push_back({std::move(id), false});
  }

  std::size_t calls_ = 0;
  std::string last_call_;
};

class OpenaiReader final : public FormatReader {
public:
  OpenaiReader(Sink& sink, const ReaderLimits& limits)
      : sink_(sink), chains_(sink), most_bare_bytes_(limits.conversation) {}

  void record(const Json& record, const Place& place) override {
    if (record["messages"].is_array()) {
      hand_over(record["messages"], conversation(record), place);
    } else if (record.is_array()) {
      hand_over(record, conversation({}), place);
    } else if (record["role"].is_string()) {
      take_bare(record, place);
    } else {
      skip_fault(sink_, place, "no `messages` and no `role`: not a chat in OpenAI's form");
    }
  }

  void finish(const Place& file) override {
    if (bare_.messages.empty()) return;
    chains_.hand_over(conversation({}), std::move(bare_.messages), file);
    bare_ = {};
  }

private:
  // Only the end of the file tells where their conversation ends, so they are held until then.
  void take_bare(const Json& record, const Place& place) {
    if (bare_bytes_ > most_bare_bytes_) return;
    bare_bytes_ += record.raw().size();
    if (bare_bytes_ <= most_bare_bytes_) return bare_.add(record, sink_, place);
    bare_ = {};
    skip_fault(sink_, place,
               "the conversation of the file's bare messages is larger than 256 MB; left out");
  }

  void hand_over(const Json& messages, ConversationDraft draft, const Place& place) {
    OpenAiConversation read;
    for (const Json message : messages) read.add(message, sink_, place);
    chains_.hand_over(std::move(draft), std::move(read.messages), place);
  }

  static ConversationDraft conversation(const Json& record) {
    ConversationDraft draft;
    draft.source = "openai";
    std::vector<std::string_view> held{"messages"};
    for (const std::string_view name : {"id", "conversation_id"}) {
      const Json id = record[name];
      if (!draft.source_id.empty() || !(id.is_string() || id.is_number())) continue;
      draft.source_id = id.string_or(id.raw());
      held.push_back(name);
    }
    for (const std::string_view name : {"title", "name"}) {
      if (!draft.title.empty() || !decodes_exactly(record[name])) continue;
      draft.title = *record[name].string();
      held.push_back(name);
    }
    const auto [time, time_name] = time_in(record);
    draft.created_at = time;
    if (time) held.push_back(time_name);
    if ((draft.updated_at = time_of(record["updated_at"]))) held.emplace_back("updated_at");
    draft.metadata = object_without(record, held);
    return draft;
  }

  Sink& sink_;
  ConversationChains chains_;
  OpenAiConversation bare_;
  std::size_t bare_bytes_ = 0;
  std::size_t most_bare_bytes_;
};

}  // namespace

std::unique_ptr<FormatReader> make_openai_reader(Sink& sink, const ReaderLimits& limits) {
  return std::make_unique<OpenaiReader>(sink, limits);
}

}  // namespace loci::transcript
