#include "storage/postgres_conversations.hpp"

#include <loci/base/error.hpp>

#include "queries/conversations.hpp"
#include "queries/taken.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& unit, NewConversation& item) {
  own(unit, item.user_id);
  check(item);
  if (!item.id) item.id = Uuid::v7();
  if (!item.created_at) item.created_at = now();
}

std::size_t bytes(const NewConversation& item) {
  return item.title.size() + item.metadata.text.size();
}

Task<std::vector<Conversation>> insert(Unit unit, std::span<const NewConversation> items,
                                       Deadline deadline) {
  queries::CreateConversations query{.tenant_id = unit.tenant_id};
  for (const NewConversation& item : items) {
    query.ids.push_back(item.id.value());
    query.user_ids.push_back(item.user_id);
    query.titles.push_back(item.title);
    query.metadata.push_back(item.metadata);
    query.sources.push_back(item.source);
    query.source_ids.push_back(item.source_id);
    query.created_at.push_back(item.created_at.value());
  }
  co_return to_records(co_await unit.session->run(std::move(query), deadline));
}

}  // namespace

PostgresConversations::PostgresConversations(Unit unit)
    : PostgresRepository(std::move(unit),
                         {.prepare = prepare,
                          .bytes = bytes,
                          .insert = insert,
                          .taken = taken_ids<Conversation, queries::TakenConversations>,
                          .constraint = "conversations_pkey"}) {}

Task<std::vector<Conversation>> PostgresConversations::fetch(std::vector<Uuid> ids,
                                                             Deadline deadline) {
  co_return to_records(co_await ask(
      queries::GetConversations{
          .tenant_id = unit().tenant_id, .ids = std::move(ids), .only_user = unit().user_id},
      deadline));
}

Task<std::optional<Conversation>> PostgresConversations::change(const Uuid& id,
                                                                const ConversationPatch& patch,
                                                                Deadline deadline) {
  queries::UpdateConversation update{.title = patch.title,
                                     .status = patch.status,
                                     .metadata = patch.metadata,
                                     .sets_leaf = patch.current_leaf_id.has_value(),
                                     .leaf_id = patch.current_leaf_id.value_or(std::nullopt),
                                     .tenant_id = unit().tenant_id,
                                     .id = id,
                                     .only_user = unit().user_id,
                                     .if_version = patch.if_version};
  if (!update.leaf_id) {
    co_return to_optional_record(co_await ask(std::move(update), deadline));
  }
  // So that nobody removes the leaf between the look at it and the change.
  const auto work = [&](const Unit& inside) -> Task<std::optional<Conversation>> {
    auto [locked, updated] = co_await inside.session->pipeline(
        deadline,
        queries::LockConversation{
            .tenant_id = inside.tenant_id, .id = id, .only_user = inside.user_id},
        std::move(update));
    (void)locked;
    co_return to_optional_record(std::move(updated));
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

void PostgresConversations::refuse_change(const Conversation& there,
                                          const ConversationPatch& patch) {
  if (patch.current_leaf_id && *patch.current_leaf_id) {
    throw Error(ErrorKind::invalid_argument, "current_leaf_id " + (*patch.current_leaf_id)->str() +
                                                 " is no message of conversation " +
                                                 there.id.str());
  }
  PostgresRepository::refuse_change(there, patch);
}

Task<bool> PostgresConversations::erase(Uuid id, Deadline deadline) {
  const auto work = [&](const Unit& inside) -> Task<bool> {
    const auto erased = std::get<0>(co_await inside.session->pipeline(
        deadline,
        queries::SoftDeleteConversation{
            .tenant_id = inside.tenant_id, .id = id, .only_user = inside.user_id},
        queries::LockJobsOfConversation{.tenant_id = inside.tenant_id, .id = id},
        queries::UnqueueConversation{.tenant_id = inside.tenant_id, .id = id}));
    co_return erased == 1;
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

Task<std::optional<Conversation>> PostgresConversations::restore(Uuid id, Deadline deadline) {
  const auto work = [&](const Unit& inside) -> Task<std::optional<Conversation>> {
    auto restored = to_optional_record(co_await inside.session->run(
        queries::RestoreConversation{
            .tenant_id = inside.tenant_id, .id = id, .only_user = inside.user_id},
        deadline));
    if (restored) {
      (void)co_await inside.session->run(
          queries::RequeueConversation{.tenant_id = inside.tenant_id, .id = id}, deadline);
    }
    co_return restored;
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

Task<bool> PostgresConversations::purge(Uuid id, Deadline deadline) {
  co_return co_await ask(
      queries::PurgeConversation{
          .tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
      deadline) == 1;
}

Task<std::int64_t> PostgresConversations::purge_deleted(Timestamp erased_before, std::int32_t limit,
                                                        Deadline deadline) {
  require_limit(limit);
  require_time(erased_before, "erased_before");
  co_return static_cast<std::int64_t>(
      co_await ask(queries::PurgeDeletedConversations{.tenant_id = unit().tenant_id,
                                                      .erased_before = erased_before,
                                                      .only_user = unit().user_id,
                                                      .max_rows = limit},
                   deadline));
}

Task<std::vector<Conversation>> PostgresConversations::search_titles(std::string words,
                                                                     std::int32_t limit,
                                                                     Deadline deadline) {
  require_limit(limit);
  require_storable(words, "words", limits::title);
  co_return to_records(co_await ask(queries::SearchConversationTitles{.tenant_id = unit().tenant_id,
                                                                      .words = std::move(words),
                                                                      .only_user = unit().user_id,
                                                                      .max_rows = limit},
                                    deadline));
}

}  // namespace loci::storage
