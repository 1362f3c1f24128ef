#include <algorithm>

#include "storage/context.hpp"
#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

namespace {

// Of a conversation that is there and not deleted.
std::vector<Found<Message>> messages_of(Statement& s, const Uuid& conversation_id) {
  if (!Rules<Conversation>::find(s, conversation_id)) return {};
  return Rules<Message>::of_conversation(s, conversation_id);
}

// The end of a branch, with what is known of the calls that its messages answer.
std::vector<ContextMessage> end_of(Statement& s, const std::vector<Message>& branch,
                                   std::int32_t limit) {
  std::vector<ContextMessage> end;
  const std::size_t size = std::min(static_cast<std::size_t>(limit), branch.size());
  for (std::size_t i = branch.size() - size; i < branch.size(); ++i) {
    end.push_back({.message = branch[i], .caller_ids = {}});
  }
  Rules<ToolExecution>::each(s, Deleted::exclude, [&](const auto& call) {
    const auto answer = std::ranges::find(end, call->result_message_id, [](const auto& each) {
      return std::optional(each.message.id);
    });
    if (answer != end.end()) answer->caller_ids.push_back(call->message_id);
  });
  return end;
}

}  // namespace

Task<std::vector<Message>> Messages::append(Uuid conversation_id, std::vector<NewMessage> messages,
                                            Deadline deadline) {
  for (NewMessage& message : messages) message.conversation_id = conversation_id;
  return unit_.run(named("append"), deadline,
                   [conversation_id, messages = std::move(messages)](Statement& s) {
                     require_batch(messages.size());
                     if (!messages.empty() && !Rules<Conversation>::find(s, conversation_id)) {
                       throw Error(ErrorKind::invalid_argument,
                                   "there is no conversation " + conversation_id.str());
                     }
                     return create_all<Message>(s, messages);
                   });
}

Task<std::vector<Message>> Messages::after(Uuid conversation_id, std::int64_t after_seq,
                                           std::int32_t limit, Deadline deadline) {
  return unit_.run(named("after"), deadline, [=](Statement& s) {
    require_limit(limit);
    std::vector<Message> found;
    for (const auto& each : messages_of(s, conversation_id)) {
      if (found.size() == static_cast<std::size_t>(limit)) break;
      if (each->seq > after_seq) found.push_back(*each);
    }
    return found;
  });
}

Task<std::vector<Message>> Messages::latest(Uuid conversation_id, std::int32_t limit,
                                            Deadline deadline) {
  return unit_.run(named("latest"), deadline, [=](Statement& s) {
    require_limit(limit);
    const auto all = messages_of(s, conversation_id);
    std::vector<Message> found;
    for (auto each = all.rbegin();
         each != all.rend() && found.size() < static_cast<std::size_t>(limit); ++each) {
      found.push_back(**each);
    }
    return found;
  });
}

Task<std::vector<Message>> Messages::context(Uuid conversation_id, std::int32_t limit,
                                             Deadline deadline) {
  return unit_.run(named("context"), deadline, [=](Statement& s) {
    require_limit(limit);
    const auto conversation = Rules<Conversation>::find(s, conversation_id);
    if (!conversation) return std::vector<Message>();
    const auto branch = end_of(s, Rules<Message>::branch(s, conversation->current_leaf_id), limit);
    std::vector<Message> shown;
    for (std::size_t i = context_begin(branch); i < branch.size(); ++i) {
      shown.push_back(branch[i].message);
    }
    return shown;
  });
}

Task<std::vector<Message>> Messages::path(Uuid leaf_id, Deadline deadline) {
  return unit_.run(named("path"), deadline,
                   [leaf_id](Statement& s) { return Rules<Message>::branch(s, leaf_id); });
}

Task<std::vector<Message>> Messages::replies(Uuid id, Deadline deadline) {
  return unit_.run(named("replies"), deadline, [id](Statement& s) {
    std::vector<Message> found;
    const auto message = Rules<Message>::find(s, id);
    if (!message) return found;
    for (const auto& each : messages_of(s, message->conversation_id)) {
      if (each->parent_id == id) found.push_back(*each);
    }
    return found;
  });
}

}  // namespace loci::storage::mock
