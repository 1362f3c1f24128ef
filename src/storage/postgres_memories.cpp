#include "storage/postgres_memories.hpp"

#include <loci/base/error.hpp>

#include "queries/memories.hpp"
#include "queries/taken.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& unit, NewMemory& item) {
  own(unit, item.scope.user_id);
  check(item);
  const Timestamp at = now();
  if (!item.id) item.id = Uuid::v7();
  if (!item.created_at) item.created_at = at;
  if (!item.valid_from) item.valid_from = at;
}

std::size_t bytes(const NewMemory& item) {
  return item.content.size() + item.metadata.text.size() + item.sources.size() * sizeof(Uuid);
}

Task<std::vector<Memory>> insert(Unit unit, std::span<const NewMemory> items, Deadline deadline) {
  queries::CreateMemories query{.tenant_id = unit.tenant_id, .only_user = unit.user_id};
  for (const NewMemory& item : items) {
    query.ids.push_back(item.id.value());
    query.user_ids.push_back(item.scope.user_id);
    query.agent_ids.push_back(item.scope.agent_id);
    query.conversation_ids.push_back(item.scope.conversation_id);
    query.namespaces.push_back(item.scope.name_space);
    query.kinds.push_back(item.kind);
    query.contents.push_back(item.content);
    query.importances.push_back(item.importance);
    query.pinned.push_back(item.pinned);
    query.metadata.push_back(item.metadata);
    query.valid_from.push_back(item.valid_from.value());
    query.valid_to.push_back(item.valid_to);
    query.expires_at.push_back(item.expires_at);
    query.created_at.push_back(item.created_at.value());
    for (const Uuid& source : item.sources) {
      query.source_memories.push_back(*item.id);
      query.source_messages.push_back(source);
    }
  }
  co_return to_records(co_await unit.session->run(std::move(query), deadline));
}

constexpr Storing<Memory> k_storing_memories{.prepare = prepare,
                                             .bytes = bytes,
                                             .insert = insert,
                                             .taken = taken_ids<Memory, queries::TakenMemories>,
                                             .constraint = "memories_pkey"};

}  // namespace

PostgresMemories::PostgresMemories(Unit unit)
    : PostgresRepository(std::move(unit), k_storing_memories) {}

Task<std::vector<Memory>> PostgresMemories::fetch(std::vector<Uuid> ids, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::GetMemories{
          .tenant_id = unit().tenant_id, .ids = std::move(ids), .only_user = unit().user_id},
      deadline));
}

Task<std::optional<Memory>> PostgresMemories::change(const Uuid& id, const MemoryPatch& patch,
                                                     Deadline deadline) {
  co_return to_optional_record(
      co_await ask(queries::UpdateMemory{.kind = patch.kind,
                                         .content = patch.content,
                                         .tenant_id = unit().tenant_id,
                                         .id = id,
                                         .only_user = unit().user_id,
                                         .if_version = patch.if_version,
                                         .importance = patch.importance,
                                         .pinned = patch.pinned,
                                         .metadata = patch.metadata,
                                         .valid_from = patch.valid_from,
                                         .sets_valid_to = patch.valid_to.has_value(),
                                         .valid_to = patch.valid_to.value_or(std::nullopt),
                                         .sets_expires_at = patch.expires_at.has_value(),
                                         .expires_at = patch.expires_at.value_or(std::nullopt)},
                   deadline));
}

Task<bool> PostgresMemories::erase(Uuid id, Deadline deadline) {
  co_return co_await ask(
      queries::SoftDeleteMemory{
          .tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
      deadline) == 1;
}

Task<Upserted> PostgresMemories::upsert(NewMemory memory, Deadline deadline) {
  prepare(unit(), memory);
  auto row = co_await ask(queries::UpsertMemory{.content = std::move(memory.content),
                                                .tenant_id = unit().tenant_id,
                                                .user_id = std::move(memory.scope.user_id),
                                                .agent_id = std::move(memory.scope.agent_id),
                                                .conversation_id = memory.scope.conversation_id,
                                                .namespace_ = std::move(memory.scope.name_space),
                                                .kind = std::move(memory.kind),
                                                .id = memory.id.value(),
                                                .only_user = unit().user_id,
                                                .importance = memory.importance,
                                                .pinned = memory.pinned,
                                                .metadata = std::move(memory.metadata),
                                                .valid_from = memory.valid_from.value(),
                                                .valid_to = memory.valid_to,
                                                .expires_at = memory.expires_at,
                                                .created_at = memory.created_at.value(),
                                                .sources = std::move(memory.sources)},
                          deadline);
  if (!row) throw Error(ErrorKind::protocol, "UpsertMemory gave no row");
  const bool created = row->version == 1;
  co_return Upserted{.memory = to_record(*std::move(row)), .created = created};
}

Task<std::optional<Memory>> PostgresMemories::supersede(Uuid old, NewMemory by, Deadline deadline) {
  prepare(unit(), by);
  const auto work = [&](const Unit& inside) -> Task<std::optional<Memory>> {
    const auto ended =
        co_await inside.session->run(queries::EndMemory{.by = by.id.value(),
                                                        .ends_at = by.valid_from.value(),
                                                        .tenant_id = inside.tenant_id,
                                                        .id = old,
                                                        .only_user = inside.user_id},
                                     deadline);
    if (ended == 0) co_return std::nullopt;
    co_return std::move((co_await insert(inside, {&by, 1}, deadline)).at(0));
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

Task<std::vector<MemoryVersion>> PostgresMemories::versions(Uuid id, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::ListMemoryVersions{
          .tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
      deadline));
}

Task<std::vector<Uuid>> PostgresMemories::sources(Uuid id, Deadline deadline) {
  std::vector<Uuid> sources;
  for (const auto& row : co_await ask(
           queries::ListMemorySources{
               .tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
           deadline)) {
    sources.push_back(row.message_id);
  }
  co_return sources;
}

Task<std::int64_t> PostgresMemories::touch(std::vector<Uuid> ids, Deadline deadline) {
  require_keys(ids.size());
  co_return static_cast<std::int64_t>(co_await ask(
      queries::TouchMemories{
          .tenant_id = unit().tenant_id, .ids = std::move(ids), .only_user = unit().user_id},
      deadline));
}

Task<std::int64_t> PostgresMemories::sweep(Timestamp at, std::int32_t limit, Deadline deadline) {
  require_limit(limit);
  require_time(at, "at");
  co_return static_cast<std::int64_t>(co_await ask(
      queries::SweepMemories{
          .tenant_id = unit().tenant_id, .at = at, .only_user = unit().user_id, .max_rows = limit},
      deadline));
}

Task<std::int64_t> PostgresMemories::purge_deleted(Timestamp erased_before, std::int32_t limit,
                                                   Deadline deadline) {
  require_limit(limit);
  require_time(erased_before, "erased_before");
  co_return static_cast<std::int64_t>(
      co_await ask(queries::PurgeDeletedMemories{.tenant_id = unit().tenant_id,
                                                 .erased_before = erased_before,
                                                 .only_user = unit().user_id,
                                                 .max_rows = limit},
                   deadline));
}

Task<std::vector<Memory>> PostgresMemories::most_important(Filter filter, std::int32_t limit,
                                                           std::chrono::seconds half_life,
                                                           Deadline deadline) {
  require_limit(limit);
  co_return co_await select_most_important(unit(), std::move(filter), limit, half_life, deadline);
}

}  // namespace loci::storage
