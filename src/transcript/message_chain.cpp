#include "transcript/message_chain.hpp"

#include "transcript/draft_building.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

namespace loci::transcript {
namespace {

std::string name_after(const std::string& before, const MessageDraft& message) {
  std::string text = before;
  const auto add = [&](std::string_view part) {
    text += '\n';
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  add(to_string(message.role));
  add(message.content);
  if (message.content.empty()) add(message.parts.text);
  for (const ToolCall& call : message.calls) {
    add(call.call_id);
    add(call.name);
    add(call.arguments.text);
  }
  return derived_id(text);
}

void link(std::vector<MessageDraft>& messages) {
  std::string before;
  for (MessageDraft& message : messages) {
    message.source_id = name_after(before, message);
    if (!before.empty()) message.parent = before;
    before = message.source_id;
  }
}

// The name of the first answer, or of the last message when there is none yet.
const std::string& opening_of(const std::vector<MessageDraft>& messages) {
  const auto answer = std::ranges::find(messages, Role::assistant, &MessageDraft::role);
  return answer == messages.end() ? messages.back().source_id : answer->source_id;
}

// True when some result answers no call that was made before it; those are taken away.
bool drop_results_without_calls(std::vector<MessageDraft>& messages) {
  std::unordered_set<std::string> made;
  bool dropped = false;
  for (MessageDraft& message : messages) {
    const auto without = std::erase_if(
        message.results, [&](const ToolResult& result) { return !made.contains(result.call_id); });
    dropped = dropped || without != 0;
    for (const ToolCall& call : message.calls) made.insert(call.call_id);
  }
  return dropped;
}

std::uint64_t hash_of(const std::string& text) {
  return std::hash<std::string>()(text);
}

}  // namespace

void ConversationChains::hand_over(ConversationDraft draft, std::vector<MessageDraft> messages,
                                   const Place& place) {
  if (messages.empty()) return skip_note(sink_, place, "a conversation without messages");
  link(messages);
  draft.source_id = name(draft.source_id, messages);
  if (draft.source_id.empty()) return skip_note(sink_, place, "a conversation stands there twice");
  if (drop_results_without_calls(messages)) {
    skip_note(sink_, place, "a tool's result without its call; the message is kept");
  }
  sink_.begin(std::move(draft));
  for (MessageDraft& message : messages) sink_.message(std::move(message));
  sink_.end({});
}

// Empty when the same list of messages came before under the same id.
std::string ConversationChains::name(const std::string& given,
                                     const std::vector<MessageDraft>& messages) {
  constexpr std::size_t trusted_length = 16;
  const std::string& opening = opening_of(messages);
  const std::string& last = messages.back().source_id;
  std::string name = given;
  if (given.empty()) name = opening;
  if (!given.empty() && given.size() < trusted_length) name += '-' + opening;

  const auto [known, is_new] = last_by_opening_.try_emplace(hash_of(name), hash_of(last));
  if (is_new) return name;
  if (known->second == hash_of(last)) return {};
  const bool goes_on = std::ranges::any_of(messages, [&](const MessageDraft& message) {
    return hash_of(message.source_id) == known->second;
  });
  if (goes_on) {
    known->second = hash_of(last);
    return name;
  }
  if (given.size() >= trusted_length) return name;
  name += '-' + last;
  return last_by_opening_.try_emplace(hash_of(name), hash_of(last)).second ? name : std::string();
}

}  // namespace loci::transcript
