#include <algorithm>

#include "storage/input_checks.hpp"
#include "storage/mock/jsonb.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using MessageRules = Rules<Message>;

Key message_place(Statement& s, const Uuid& id) {
  return s.key(Table::messages, id);
}

void require_parent(Statement& s, const Uuid& parent_id, const Uuid& conversation_id) {
  s.work.require_there(message_place(s, parent_id), "messages_tenant_id_parent_id_fkey");
  const auto parent = s.work.find<Message>(message_place(s, parent_id));
  if (parent && parent->conversation_id == conversation_id) return;
  throw Error(ErrorKind::invalid_argument, "parent_id " + parent_id.str() +
                                               " is a message of another conversation than " +
                                               conversation_id.str());
}

// What a conversation says of itself when a message becomes its last, or goes.
void lead_to(Statement& s, const Conversation& conversation, std::optional<Uuid> leaf,
             std::int64_t last_seq) {
  Conversation changed = conversation;
  changed.current_leaf_id = leaf;
  changed.last_seq = last_seq;
  changed.updated_at = s.now;
  (void)Rules<Conversation>::put(s, conversation, std::move(changed));
}

// The calls that it answered have no answer any more.
void forget_result(Statement& s, const Message& record) {
  Rules<ToolExecution>::each(s, Deleted::exclude, [&](const auto& call) {
    if (call->result_message_id != record.id) return;
    ToolExecution open = *call;
    open.result_message_id.reset();
    (void)Rules<ToolExecution>::put(s, *call, std::move(open));
  });
}

}  // namespace

Message MessageRules::create(Statement& s, const NewMessage& made) {
  check(made);
  const auto conversation = Rules<Conversation>::find(s, made.conversation_id);
  if (!conversation) {
    throw Error(ErrorKind::invalid_argument,
                "there is no conversation " + made.conversation_id.str());
  }
  if (made.parent_id) require_parent(s, *made.parent_id, conversation->id);
  Message record{
      .id = made.id ? *made.id : Uuid::v7(),
      .conversation_id = conversation->id,
      .seq = conversation->last_seq + 1,
      .parent_id = made.parent_id ? made.parent_id : conversation->current_leaf_id,
      .role = made.role,
      .content = made.content,
      .parts = made.parts,
      .model = made.model,
      .metadata = as_jsonb(made.metadata),
      .source_id = made.source_id,
      .created_at = made.created_at.value_or(s.now),
      .version = 1,
  };
  lead_to(s, *conversation, record.id, record.seq);  // first: it hands out the number
  s.work.insert(message_place(s, record.id), record, "messages_pkey");
  s.work.insert(s.key(Table::message_seqs, record.conversation_id, record.seq), record.id,
                "messages_tenant_id_conversation_id_seq_key");
  return record;
}

Found<Message> MessageRules::find(Statement& s, const Uuid& id) {
  auto record = s.work.find<Message>(message_place(s, id));
  return record && Rules<Conversation>::find(s, record->conversation_id) ? record : nullptr;
}

void MessageRules::each(Statement& s, Deleted deleted, const Visit<Message>& visit) {
  s.work.each<Message>(s.key(Table::messages), [&](const Key&, const auto& record) {
    const auto conversation = Rules<Conversation>::find_any(s, record->conversation_id);
    if (conversation && is_asked_for(deleted, conversation->deleted_at.has_value())) visit(record);
  });
}

void MessageRules::change(Statement& /*s*/, Message& record, const MessagePatch& patch) {
  if (patch.content) record.content = *patch.content;
  if (patch.parts) record.parts = *patch.parts;
  if (patch.model) record.model = *patch.model;
  if (patch.metadata) record.metadata = as_jsonb(*patch.metadata);
}

Message MessageRules::put(Statement& s, const Message& /*before*/, Message record) {
  ++record.version;
  s.work.put(message_place(s, record.id), record);
  return record;
}

bool MessageRules::erase(Statement& s, const Uuid& id) {
  const auto found = find(s, id);
  if (!found) return false;
  for (const auto& reply : of_conversation(s, found->conversation_id)) {
    if (reply->parent_id != id) continue;
    Message moved = *reply;
    moved.parent_id = found->parent_id;
    (void)put(s, *reply, std::move(moved));
  }
  const auto conversation = Rules<Conversation>::find(s, found->conversation_id);
  const bool was_last = conversation->current_leaf_id == id;
  lead_to(s, *conversation, was_last ? found->parent_id : conversation->current_leaf_id,
          conversation->last_seq);
  forget_result(s, *found);
  remove(s, *found);
  return true;
}

std::vector<Found<Message>> MessageRules::of_conversation(Statement& s,
                                                          const Uuid& conversation_id) {
  std::vector<Found<Message>> messages;
  s.work.each<Uuid>(s.key(Table::message_seqs, conversation_id), [&](const Key&, const auto& id) {
    messages.push_back(s.work.find<Message>(message_place(s, *id)));
  });
  return messages;
}

std::vector<Message> MessageRules::branch(Statement& s, std::optional<Uuid> leaf) {
  std::vector<Message> path;
  for (auto each = leaf ? find(s, *leaf) : nullptr; each;
       each = each->parent_id ? find(s, *each->parent_id) : nullptr) {
    path.push_back(*each);
  }
  std::ranges::reverse(path);
  return path;
}

void MessageRules::remove(Statement& s, const Message& record) {
  s.work.each<ToolExecution>(s.key(Table::tool_executions, record.id),
                             [&](const Key& key, const auto&) { s.work.remove(key); });
  s.work.each<MemorySource>(s.key(Table::memory_sources), [&](const Key& key, const auto& source) {
    if (source->message_id == record.id) s.work.remove(key);
  });
  Rules<Embedding>::forget_text(s, "message", record.id);
  s.work.remove(s.key(Table::message_seqs, record.conversation_id, record.seq));
  s.work.remove(message_place(s, record.id));
}

}  // namespace loci::storage::mock
