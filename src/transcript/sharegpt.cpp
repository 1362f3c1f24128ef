#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/message_chain.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

// ShareGPT data sets: a record holds turns with `from` and `value`, under one of several names.
namespace loci::transcript {
namespace {

constexpr std::array<std::string_view, 3> turns_names{"conversations", "conversation", "items"};

// The first of the names that is a member and not null, else the first.
std::string_view name_in(const Json& object, std::initializer_list<std::string_view> names) {
  const auto found =
      std::ranges::find_if(names, [&](std::string_view name) { return !object[name].is_null(); });
  return found == names.end() ? *names.begin() : *found;
}

// Builds the messages of one conversation, one after the other.
class ShareGptConversation {
public:
  void add(const Json& turn, Sink& sink, const Place& place) {
    if (!turn.is_object()) return skip_fault(sink, place, "a turn that is no object");
    const Json from = first_of(turn, {"from", "role"});
    const std::string_view value_name = name_in(turn, {"value", "content", "text"});
    const Json value = turn[value_name];
    const std::string role = from.string_or("");
    MessageDraft draft;
    const bool is_call = role == "function_call" || role == "tool_call";
    draft.role = is_call ? Role::assistant : role_or_system(role, sink, place);
    draft.content = value.string_or("");
    if (!decodes_exactly(value) && !value.is_null()) keep_original(draft, value, sink, place);
    if (is_call) add_call(draft, value);
    if (draft.role == Role::tool && !open_call_.empty()) {
      draft.results.push_back({std::exchange(open_call_, {}), false});
    }
    std::vector<std::string_view> held{value_name};
    if (role == to_string(draft.role) || is_common(role)) held.insert(held.end(), {"from", "role"});
    if ((draft.created_at = time_of(turn["timestamp"]))) held.emplace_back("timestamp");
    draft.metadata = object_without(turn, held);
    messages.push_back(std::move(draft));
  }

  std::vector<MessageDraft> messages;

private:
  // The names ShareGPT itself uses for user and assistant say no more than the role does.
  static bool is_common(std::string_view role) { return role == "human" || role == "gpt"; }

  static void keep_original(MessageDraft& draft, const Json& value, Sink& sink,
                            const Place& place) {
    PartsBuilder parts;
    parts.add_raw(R"({"value":)" + std::string(value.raw()) + "}");
    draft.parts = parts.take();
    if (value.is_string()) {
      note_changed_text(sink, place);
    }
  }

  // The value of a call is JSON in text: {"name": ..., "arguments": ...}.
  void add_call(MessageDraft& draft, const Json& value) {
    open_call_ = "call-" + std::to_string(++calls_);
    ToolCall call{open_call_, {}, {std::string(value.raw())}};
    try {
      const JsonDocument document = JsonDocument::parse(value.string_or(value.raw()));
      const Json said = document.root();
      if (const auto name = said["name"].string()) {
        call.name = *name;
        call.arguments = tool_arguments(first_of(said, {"arguments", "parameters"}));
      }
    } catch (const Error&) {  // not JSON: the text itself stands for the arguments
    }
    if (call.arguments.text.empty()) call.arguments.text = "{}";
    draft.calls.push_back(std::move(call));
  }

  std::size_t calls_ = 0;
  std::string open_call_;  // made, and not answered yet
};

class SharegptReader final : public FormatReader {
public:
  explicit SharegptReader(Sink& sink) : sink_(sink), chains_(sink) {}

  void record(const Json& record, const Place& place) override {
    for (const std::string_view name : turns_names) {
      if (!record[name].is_array()) continue;
      ShareGptConversation read;
      for (const Json turn : record[name]) read.add(turn, sink_, place);
      return chains_.hand_over(conversation(record, name), std::move(read.messages), place);
    }
    skip_fault(sink_, place, "no `conversations`: not a record of ShareGPT");
  }

  void finish(const Place&) override {}

private:
  static ConversationDraft conversation(const Json& record, std::string_view turns) {
    ConversationDraft draft;
    draft.source = "sharegpt";
    std::vector<std::string_view> held{turns};
    const Json id = record["id"];
    if (id.is_string() || id.is_number()) {
      draft.source_id = id.string_or(id.raw());
      held.emplace_back("id");
    }
    if (decodes_exactly(record["title"])) {
      draft.title = *record["title"].string();
      held.emplace_back("title");
    }
    draft.metadata = object_without(record, held);
    return draft;
  }

  Sink& sink_;
  ConversationChains chains_;
};

}  // namespace

std::unique_ptr<FormatReader> make_sharegpt_reader(Sink& sink) {
  return std::make_unique<SharegptReader>(sink);
}

}  // namespace loci::transcript
