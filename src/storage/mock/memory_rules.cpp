#include <tuple>

#include "storage/input_checks.hpp"
#include "storage/mock/jsonb.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using MemoryRules = Rules<Memory>;

Key memory_place(Statement& s, const Uuid& id) {
  return s.key(Table::memories, id);
}

bool lives(const Memory& record) {
  return !record.deleted_at && !record.superseded_by;
}

Key live_place(Statement& s, const Memory& record) {
  const MemoryScope& scope = record.scope;
  return s.key(Table::live_memories, scope.user_id, scope.agent_id, scope.conversation_id,
               scope.name_space, record.kind, record.content);
}

bool in_scope(const Statement& s, const Memory& record) {
  return !s.scope.user || record.scope.user_id == *s.scope.user;
}

void require_conversation(Statement& s, const MemoryScope& scope) {
  if (!scope.conversation_id) return;
  constexpr std::string_view constraint = "memories_tenant_id_conversation_id_fkey";
  s.work.require_there(s.key(Table::conversations, *scope.conversation_id), constraint);
  if (!Rules<Conversation>::find_any(s, *scope.conversation_id)) {
    throw server_error("23503", constraint);
  }
}

// A change of what the memory says, or of when it is true, keeps what was before.
void keep_version(Statement& s, const Memory& before, const Memory& after) {
  const auto said = [](const Memory& m) {
    return std::tie(m.kind, m.content, m.importance, m.metadata, m.valid_from, m.valid_to);
  };
  if (said(before) == said(after)) return;
  s.work.insert(s.key(Table::memory_versions, before.id, before.version),
                MemoryVersion{.version = before.version,
                              .kind = before.kind,
                              .content = before.content,
                              .importance = before.importance,
                              .metadata = before.metadata,
                              .valid_from = before.valid_from,
                              .valid_to = before.valid_to,
                              .replaced_at = s.now},
                "memory_versions_pkey");
}

}  // namespace

Memory MemoryRules::create(Statement& s, const NewMemory& made) {
  check(made);
  MemoryScope scope = made.scope;
  scope.user_id = owner_of(s.scope, scope.user_id);
  const Timestamp created = made.created_at.value_or(s.now);
  Memory record{.id = made.id ? *made.id : Uuid::v7(),
                .scope = std::move(scope),
                .kind = made.kind,
                .content = made.content,
                .importance = made.importance,
                .pinned = made.pinned,
                .metadata = as_jsonb(made.metadata),
                .valid_from = made.valid_from.value_or(s.now),
                .valid_to = made.valid_to,
                .expires_at = made.expires_at,
                .superseded_by = {},
                .access_count = 0,
                .last_accessed_at = {},
                .created_at = created,
                .updated_at = created,
                .deleted_at = {},
                .version = 1};
  require_valid_span(record.valid_from, record.valid_to);
  require_conversation(s, record.scope);
  const auto alike = find_alike(s, record);
  if (alike && is_expired(*alike, s.now)) remove(s, *alike);  // it gives way
  s.work.insert(memory_place(s, record.id), record, "memories_pkey");
  s.work.insert(live_place(s, record), record.id, "memories_live");
  add_sources(s, record.id, made.sources);
  return record;
}

void MemoryRules::require_valid_span(Timestamp from, std::optional<Timestamp> to) {
  if (!to || *to >= from) return;
  throw server_error("23514", "violates check constraint \"memories_check\"");
}

bool MemoryRules::is_expired(const Memory& record, Timestamp at) {
  return !record.pinned && record.expires_at && *record.expires_at <= at;
}

void MemoryRules::add_sources(Statement& s, const Uuid& id, const std::vector<Uuid>& sources) {
  for (const Uuid& message_id : sources) {
    constexpr std::string_view constraint = "memory_sources_tenant_id_message_id_fkey";
    s.work.require_there(s.key(Table::messages, message_id), constraint);
    const auto message = s.work.find<Message>(s.key(Table::messages, message_id));
    if (!message || !Rules<Conversation>::find_any(s, message->conversation_id)) {
      throw server_error("23503", constraint);
    }
    const Key key = s.key(Table::memory_sources, id, message_id);
    if (s.work.find<MemorySource>(key)) continue;
    s.work.insert(key, MemorySource{id, message_id}, "memory_sources_pkey");
  }
}

Found<Memory> MemoryRules::find(Statement& s, const Uuid& id) {
  auto record = s.work.find<Memory>(memory_place(s, id));
  const bool seen =
      record && in_scope(s, *record) && !record->deleted_at && !is_expired(*record, s.now);
  return seen ? record : nullptr;
}

Found<Memory> MemoryRules::find_alike(Statement& s, const Memory& other) {
  const auto id = s.work.find<Uuid>(live_place(s, other));
  return id ? s.work.find<Memory>(memory_place(s, *id)) : nullptr;
}

void MemoryRules::each(Statement& s, Deleted deleted, const Visit<Memory>& visit) {
  s.work.each<Memory>(s.key(Table::memories), [&](const Key&, const auto& record) {
    if (in_scope(s, *record) && !is_expired(*record, s.now) &&
        is_asked_for(deleted, record->deleted_at.has_value())) {
      visit(record);
    }
  });
}

void MemoryRules::change(Statement& s, Memory& record, const MemoryPatch& patch) {
  if (patch.kind) record.kind = *patch.kind;
  if (patch.content) record.content = *patch.content;
  if (patch.importance) record.importance = *patch.importance;
  if (patch.pinned) record.pinned = *patch.pinned;
  if (patch.metadata) record.metadata = as_jsonb(*patch.metadata);
  if (patch.valid_from) record.valid_from = *patch.valid_from;
  if (patch.valid_to) record.valid_to = *patch.valid_to;
  if (patch.expires_at) record.expires_at = *patch.expires_at;
  record.updated_at = s.now;
}

Memory MemoryRules::put(Statement& s, const Memory& before, Memory record) {
  keep_version(s, before, record);
  ++record.version;
  overwrite(s, before, record);
  return record;
}

void MemoryRules::overwrite(Statement& s, const Memory& before, const Memory& record) {
  require_valid_span(record.valid_from, record.valid_to);
  const std::optional<Key> old_place =
      lives(before) ? std::optional(live_place(s, before)) : std::nullopt;
  const std::optional<Key> new_place =
      lives(record) ? std::optional(live_place(s, record)) : std::nullopt;
  if (old_place != new_place) {
    const auto alike = new_place ? find_alike(s, record) : nullptr;
    if (alike && is_expired(*alike, s.now)) remove(s, *alike);  // it gives way
    if (old_place) s.work.remove(*old_place);
    if (new_place) s.work.insert(*new_place, record.id, "memories_live");
  }
  s.work.put(memory_place(s, record.id), record);
}

bool MemoryRules::erase(Statement& s, const Uuid& id) {
  const auto found = find(s, id);
  if (!found) return false;
  Memory record = *found;
  record.deleted_at = s.now;
  ++record.version;
  overwrite(s, *found, record);
  return true;
}

void MemoryRules::remove(Statement& s, const Memory& record) {
  const auto drop = [&](const Key& key, const auto&) { s.work.remove(key); };
  s.work.each<MemoryVersion>(s.key(Table::memory_versions, record.id), drop);
  s.work.each<MemorySource>(s.key(Table::memory_sources, record.id), drop);
  Rules<Embedding>::forget_text(s, "memory", record.id);
  if (lives(record)) s.work.remove(live_place(s, record));
  s.work.remove(memory_place(s, record.id));
}

}  // namespace loci::storage::mock
