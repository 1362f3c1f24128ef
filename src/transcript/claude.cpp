#include "transcript/claude_content.hpp"
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/parents_first.hpp"

#include <limits>
#include <unordered_map>

// The export of Claude.ai: conversations with `chat_messages`. Newer ones link their messages by
// `parent_message_uuid`, in which a root names a uuid of zeros; in older ones each message follows
// the one before. A message without a uuid is named by the one before and its text, a conversation
// without one by its first message.
namespace loci::transcript {
namespace {

// 00000000-0000-0000-0000-000000000000, or with the 4 and 8 of a version 4 uuid.
bool is_zero_uuid(std::string_view id) {
  return id.size() == 36 && id.find_first_not_of("0-48") == std::string_view::npos &&
         id.starts_with("00000000-0000-") && id.ends_with("-000000000000");
}

class ClaudeReader final : public FormatReader {
public:
  explicit ClaudeReader(Sink& sink) : sink_(sink) {}

  void record(const Json& record, const Place& place) override {
    const Json messages = record["chat_messages"];
    if (!messages.is_array()) {
      return skip_fault(sink_, place, "no `chat_messages`: not a conversation of Claude.ai");
    }
    std::vector<MessageDraft> drafts;
    drafts.reserve(messages.size());
    for (const Json message : messages) add(drafts, message, place);
    if (drafts.empty()) return skip_note(sink_, place, "a conversation without messages");

    const std::optional<std::string> leaf = record["current_leaf_message_uuid"].string();
    sink_.begin(conversation(record, drafts.front()));
    ParentsFirst ordered(sink_, "parent_message_uuid", std::numeric_limits<std::size_t>::max());
    std::unordered_map<std::string, std::string> seen;  // what each id says
    for (MessageDraft& draft : drafts) {
      const std::string id = draft.source_id;
      const std::optional<std::string> parent = std::move(draft.parent);
      draft.parent.reset();
      const auto [known, is_new] =
          seen.try_emplace(id, derived_id(draft.content + draft.parts.text));
      if (!is_new) {
        tell_repeat(known->second == derived_id(draft.content + draft.parts.text), place);
        continue;
      }
      ordered.add(id, parent, std::move(draft), place);
    }
    ordered.finish();
    ConversationEnd end;
    if (leaf && seen.contains(*leaf)) end.current_leaf = leaf;
    sink_.end(std::move(end));
  }

  void finish(const Place&) override {}

private:
  void tell_repeat(bool same, const Place& place) {
    if (same) return skip_note(sink_, place, "a message stands there twice");
    skip_fault(sink_, place, "two messages have the same uuid; the second is left out");
  }

  void add(std::vector<MessageDraft>& drafts, const Json& message, const Place& place) {
    if (!message.is_object()) return skip_fault(sink_, place, "a message that is no object");
    MessageDraft draft;
    const std::string before = drafts.empty() ? std::string() : drafts.back().source_id;
    draft.source_id = message["uuid"].string_or("");
    if (draft.source_id.empty()) {
      draft.source_id = derived_id(before + '\n' + std::string(message["text"].raw()) +
                                   std::string(message["content"].raw()));
    }
    if (const auto parent = message["parent_message_uuid"].string()) {
      if (!parent->empty() && !is_zero_uuid(*parent)) draft.parent = parent;
    } else if (!before.empty()) {
      draft.parent = before;
    }
    draft.role = role_or_system(message["sender"].string_or(""), sink_, place);
    if (!fill_claude_message(draft, message)) {
      note_changed_text(sink_, place);
    }
    draft.model = message["model"].string_or("");
    draft.created_at = time_of(message["created_at"]);
    draft.metadata = metadata(draft, message);
    drafts.push_back(std::move(draft));
  }

  static JsonText metadata(const MessageDraft& draft, const Json& message) {
    std::vector<std::string_view> held{"uuid",        "content", "sender",  "parent_message_uuid",
                                       "attachments", "files",   "files_v2"};
    if (!parse_role(message["sender"].string_or(""))) std::erase(held, "sender");
    if (draft.created_at) held.push_back("created_at");
    if (!draft.model.empty()) held.push_back("model");
    if (claude_text_is_held(draft, message)) held.push_back("text");
    return object_without(message, held);
  }

  static ConversationDraft conversation(const Json& record, const MessageDraft& first) {
    ConversationDraft draft;
    draft.source = "claude";
    draft.source_id = record["uuid"].string_or("");
    if (draft.source_id.empty())
      draft.source_id = derived_id(first.source_id + '\n' + first.content);
    draft.title = record["name"].string_or("");
    draft.created_at = time_of(record["created_at"]);
    draft.updated_at = time_of(record["updated_at"]);
    std::vector<std::string_view> held{"chat_messages", "uuid", "current_leaf_message_uuid"};
    if (decodes_exactly(record["name"])) held.push_back("name");
    if (draft.created_at) held.push_back("created_at");
    if (draft.updated_at) held.push_back("updated_at");
    draft.metadata = object_without(record, held);
    return draft;
  }

  Sink& sink_;
};

}  // namespace

std::unique_ptr<FormatReader> make_claude_reader(Sink& sink) {
  return std::make_unique<ClaudeReader>(sink);
}

}  // namespace loci::transcript
