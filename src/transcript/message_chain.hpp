#pragma once
#include "transcript/format_reader.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace loci::transcript {

/// Names and hands over conversations whose messages are a plain list without ids, as OpenAI's chat
/// messages and ShareGPT have them.
///
/// A message is named by a hash of its role, its text, its tool calls, and the name of the message
/// before it: so the same list always gives the same names, a list that grew keeps them, and one
/// that was edited becomes a branch from the edit on.
///
/// A conversation is named by its own id when that is 16 characters or longer. Shorter ones count
/// the rows of a data set and mean nothing outside it: such an id, or none, is completed with the
/// opening of the conversation, which is all up to the first answer. When two conversations of a
/// file open alike and the second does not go on from the first, the second is named by its end.
class ConversationChains {
public:
  explicit ConversationChains(Sink& sink) : sink_(sink) {}

  /// Hands `messages` over as one conversation, each the child of the one before; source_id and
  /// parent are filled in here. `draft.source_id` is the record's own id, or empty. A result of a
  /// call that nobody made is unlinked, with a note. No messages, or the same list a second time:
  /// nothing but a note.
  void hand_over(ConversationDraft draft, std::vector<MessageDraft> messages, const Place& place);

private:
  [[nodiscard]] std::string name(const std::string& given,
                                 const std::vector<MessageDraft>& messages);

  Sink& sink_;
  std::unordered_map<std::uint64_t, std::uint64_t> last_by_opening_;  // hashes of message names
};

}  // namespace loci::transcript
