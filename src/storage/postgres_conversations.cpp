#include <loci/base/error.hpp>

#include "queries/conversations.hpp"
#include "storage/postgres_repositories.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

std::optional<Conversation> to_optional_record(std::optional<queries::models::Conversation> row) {
  if (!row) return std::nullopt;
  return to_record(std::move(*row));
}

}  // namespace

Task<Conversation> PostgresConversations::create(NewConversation conversation, Deadline deadline) {
  require_storable(conversation.user_id, "user_id");
  require_storable(conversation.title, "title");
  require_storable(conversation.source, "source");
  require_storable(conversation.source_id, "source_id");
  if (conversation.source.has_value() != conversation.source_id.has_value()) {
    throw Error(ErrorKind::invalid_argument, "source and source_id go together");
  }
  require_object(conversation.metadata, "metadata");
  auto row = co_await unit_.session->run(
      queries::CreateConversation{.tenant_id = unit_.tenant_id,
                                  .id = conversation.id ? *conversation.id : Uuid::v7(),
                                  .user_id = std::move(conversation.user_id),
                                  .title = std::move(conversation.title),
                                  .metadata = std::move(conversation.metadata),
                                  .source = std::move(conversation.source),
                                  .source_id = std::move(conversation.source_id),
                                  .created_at = conversation.created_at.value_or(now())},
      deadline);
  if (!row) throw Error(ErrorKind::protocol, "CreateConversation gave no row");
  co_return to_record(std::move(*row));
}

Task<std::optional<Conversation>> PostgresConversations::get(Uuid id, Deadline deadline) {
  co_return to_optional_record(co_await unit_.session->run(
      queries::GetConversation{.tenant_id = unit_.tenant_id, .id = id}, deadline));
}

Task<bool> PostgresConversations::exists(Uuid id, Deadline deadline) {
  const auto row = co_await unit_.session->run(
      queries::ConversationExists{.tenant_id = unit_.tenant_id, .id = id}, deadline);
  co_return row.has_value();
}

Task<std::vector<Conversation>> PostgresConversations::list(ListConversations options,
                                                            Deadline deadline) {
  require_storable(options.user_id, "user_id");
  queries::ListConversations query{.tenant_id = unit_.tenant_id,
                                   .user_id = std::move(options.user_id),
                                   .after_updated_at = {},
                                   .after_id = {},
                                   .max_rows = options.limit};
  if (options.after) {
    query.after_updated_at = options.after->updated_at;
    query.after_id = options.after->id;
  }
  std::vector<Conversation> page;
  for (auto& row : co_await unit_.session->run(std::move(query), deadline)) {
    page.push_back(to_record(std::move(row)));
  }
  co_return page;
}

Task<std::int64_t> PostgresConversations::count(std::optional<std::string> user_id,
                                                Deadline deadline) {
  require_storable(user_id, "user_id");
  const auto row = co_await unit_.session->run(
      queries::CountConversations{.tenant_id = unit_.tenant_id, .user_id = std::move(user_id)},
      deadline);
  co_return row->total;
}

Task<std::optional<Conversation>> PostgresConversations::update(Uuid id, ConversationPatch patch,
                                                                Deadline deadline) {
  require_storable(patch.title, "title");
  if (patch.status && *patch.status != "active" && *patch.status != "archived") {
    throw Error(ErrorKind::invalid_argument, "a status is active or archived");
  }
  if (patch.metadata) require_object(*patch.metadata, "metadata");
  co_return to_optional_record(
      co_await unit_.session->run(queries::UpdateConversation{.title = std::move(patch.title),
                                                              .status = std::move(patch.status),
                                                              .metadata = std::move(patch.metadata),
                                                              .tenant_id = unit_.tenant_id,
                                                              .id = id},
                                  deadline));
}

Task<bool> PostgresConversations::erase(Uuid id, Deadline deadline) {
  const Uuid tenant = unit_.tenant_id;
  const auto body = [&](pg::Session& session) -> Task<bool> {
    const auto [erased, unqueued] = co_await session.pipeline(
        deadline, queries::SoftDeleteConversation{.tenant_id = tenant, .id = id},
        queries::UnqueueConversation{.tenant_id = tenant, .id = id});
    (void)unqueued;
    co_return erased == 1;
  };
  co_return co_await in_transaction(unit_, deadline, body);
}

Task<bool> PostgresConversations::purge(Uuid id, Deadline deadline) {
  co_return co_await unit_.session->run(
      queries::PurgeConversation{.tenant_id = unit_.tenant_id, .id = id}, deadline) == 1;
}

}  // namespace loci::storage
