#include "storage/input_checks.hpp"
#include "storage/mock/jsonb.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using ConversationRules = Rules<Conversation>;

Key conversation_place(Statement& s, const Uuid& id) {
  return s.key(Table::conversations, id);
}

std::optional<Key> source_place(Statement& s, const Conversation& record) {
  if (!record.source) return std::nullopt;
  return s.key(Table::conversation_sources, *record.source, *record.source_id);
}

bool in_scope(const Statement& s, const Conversation& record) {
  return !s.scope.user || record.user_id == *s.scope.user;
}

}  // namespace

std::string owner_of(const Scope& scope, const std::string& user_id) {
  if (!scope.user || user_id == *scope.user) return user_id;
  if (user_id.empty()) return *scope.user;
  throw Error(ErrorKind::invalid_argument, "user_id is not that of this view");
}

Conversation ConversationRules::create(Statement& s, const NewConversation& made) {
  check(made);
  const Timestamp created = made.created_at.value_or(s.now);
  Conversation record{.id = made.id ? *made.id : Uuid::v7(),
                      .user_id = owner_of(s.scope, made.user_id),
                      .title = made.title,
                      .status = "active",
                      .metadata = as_jsonb(made.metadata),
                      .current_leaf_id = {},
                      .last_seq = 0,
                      .source = made.source,
                      .source_id = made.source_id,
                      .created_at = created,
                      .updated_at = created,
                      .deleted_at = {},
                      .version = 1};
  s.work.insert(conversation_place(s, record.id), record, "conversations_pkey");
  if (const auto source = source_place(s, record)) {
    s.work.insert(*source, record.id, "conversations_source");
  }
  return record;
}

Found<Conversation> ConversationRules::find_any(Statement& s, const Uuid& id) {
  auto record = s.work.find<Conversation>(conversation_place(s, id));
  return record && in_scope(s, *record) ? record : nullptr;
}

Found<Conversation> ConversationRules::find(Statement& s, const Uuid& id) {
  auto record = find_any(s, id);
  return record && !record->deleted_at ? record : nullptr;
}

void ConversationRules::each(Statement& s, Deleted deleted, const Visit<Conversation>& visit) {
  s.work.each<Conversation>(s.key(Table::conversations), [&](const Key&, const auto& record) {
    if (in_scope(s, *record) && is_asked_for(deleted, record->deleted_at.has_value())) {
      visit(record);
    }
  });
}

void ConversationRules::change(Statement& s, Conversation& record, const ConversationPatch& patch) {
  if (patch.title) record.title = *patch.title;
  if (patch.status) record.status = *patch.status;
  if (patch.metadata) record.metadata = as_jsonb(*patch.metadata);
  if (patch.current_leaf_id) {
    const std::optional<Uuid>& leaf = *patch.current_leaf_id;
    const auto message = leaf ? Rules<Message>::find(s, *leaf) : nullptr;
    if (leaf && (!message || message->conversation_id != record.id)) {
      throw Error(ErrorKind::invalid_argument,
                  "current_leaf_id is no message of conversation " + record.id.str());
    }
    record.current_leaf_id = leaf;
  }
  record.updated_at = s.now;
}

Conversation ConversationRules::put(Statement& s, const Conversation& /*before*/,
                                    Conversation record) {
  ++record.version;
  s.work.put(conversation_place(s, record.id), record);
  return record;
}

bool ConversationRules::erase(Statement& s, const Uuid& id) {
  const auto found = find(s, id);
  if (!found) return false;
  Conversation record = *found;
  record.deleted_at = s.now;
  (void)put(s, *found, std::move(record));
  return true;
}

void ConversationRules::remove(Statement& s, const Conversation& record) {
  for (const auto& message : Rules<Message>::of_conversation(s, record.id)) {
    Rules<Message>::remove(s, *message);
  }
  s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& memory) {
    if (memory->scope.conversation_id == record.id) Rules<Memory>::remove(s, *memory);
  });
  if (const auto source = source_place(s, record)) s.work.remove(*source);
  s.work.remove(conversation_place(s, record.id));
}

}  // namespace loci::storage::mock
