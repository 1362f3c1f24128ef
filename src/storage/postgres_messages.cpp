#include "storage/postgres_messages.hpp"

#include <loci/base/error.hpp>

#include "queries/messages.hpp"
#include "storage/append_messages.hpp"
#include "storage/context.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

PostgresMessages::PostgresMessages(Unit unit) : PostgresRepository(std::move(unit), appending()) {}

Batch<Message> PostgresMessages::batch(std::vector<NewMessage> messages, Storing<Message> storing,
                                       Deadline deadline) {
  Batch<Message> made(unit(), std::move(messages), storing, deadline);
  for (const ItemFailure& each : misplaced_parents(made.items())) {
    made.refuse(each.item, each.error);
  }
  return made;
}

Task<std::vector<Message>> PostgresMessages::create_batch(std::vector<NewMessage> messages,
                                                          Deadline deadline) {
  Batch<Message> all = batch(std::move(messages), appending(), deadline);
  co_return co_await all.store_all();
}

Task<Outcomes<Message>> PostgresMessages::create_each(std::vector<NewMessage> messages,
                                                      Deadline deadline) {
  Batch<Message> all = batch(std::move(messages), appending(), deadline);
  co_return co_await all.store_each();
}

Task<std::vector<Message>> PostgresMessages::append(Uuid conversation_id,
                                                    std::vector<NewMessage> messages,
                                                    Deadline deadline) {
  for (NewMessage& message : messages) message.conversation_id = conversation_id;
  Batch<Message> all = batch(std::move(messages), appending_to_one(), deadline);
  co_return co_await all.store_all();
}

Task<std::vector<Message>> PostgresMessages::fetch(std::vector<Uuid> ids, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::GetMessages{
          .tenant_id = unit().tenant_id, .ids = std::move(ids), .only_user = unit().user_id},
      deadline));
}

Task<bool> PostgresMessages::exists(Filter filter, Deadline deadline) {
  return PostgresRepository::exists(std::move(filter), deadline);
}

Task<bool> PostgresMessages::exists(Uuid id, Deadline deadline) {
  const auto found = co_await ask(
      queries::MessageExists{.tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
      deadline);
  co_return found.has_value();
}

Task<std::optional<Message>> PostgresMessages::change(const Uuid& id, const MessagePatch& patch,
                                                      Deadline deadline) {
  co_return to_optional_record(
      co_await ask(queries::UpdateMessage{.content = patch.content,
                                          .sets_parts = patch.parts.has_value(),
                                          .parts = patch.parts.value_or(std::nullopt),
                                          .sets_model = patch.model.has_value(),
                                          .model = patch.model.value_or(std::nullopt),
                                          .metadata = patch.metadata,
                                          .tenant_id = unit().tenant_id,
                                          .id = id,
                                          .if_version = patch.if_version,
                                          .only_user = unit().user_id},
                   deadline));
}

Task<bool> PostgresMessages::erase(Uuid id, Deadline deadline) {
  const auto work = [&](const Unit& inside) -> Task<bool> {
    const auto [locked, erased] = co_await inside.session->pipeline(
        deadline,
        queries::LockConversationOfMessage{
            .tenant_id = inside.tenant_id, .id = id, .only_user = inside.user_id},
        queries::EraseMessage{
            .tenant_id = inside.tenant_id, .id = id, .only_user = inside.user_id});
    (void)locked;
    co_return erased == 1;
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

Task<std::vector<Message>> PostgresMessages::after(Uuid conversation_id, std::int64_t after_seq,
                                                   std::int32_t limit, Deadline deadline) {
  require_limit(limit);
  co_return to_records(co_await ask(queries::ListMessages{.tenant_id = unit().tenant_id,
                                                          .conversation_id = conversation_id,
                                                          .after_seq = after_seq,
                                                          .only_user = unit().user_id,
                                                          .max_rows = limit},
                                    deadline));
}

Task<std::vector<Message>> PostgresMessages::latest(Uuid conversation_id, std::int32_t limit,
                                                    Deadline deadline) {
  require_limit(limit);
  co_return to_records(co_await ask(queries::ListLatestMessages{.tenant_id = unit().tenant_id,
                                                                .conversation_id = conversation_id,
                                                                .only_user = unit().user_id,
                                                                .max_rows = limit},
                                    deadline));
}

Task<std::vector<Message>> PostgresMessages::context(Uuid conversation_id, std::int32_t limit,
                                                     Deadline deadline) {
  require_limit(limit);
  std::vector<ContextMessage> branch;
  for (auto& row : co_await ask(queries::ListContext{.tenant_id = unit().tenant_id,
                                                     .conversation_id = conversation_id,
                                                     .only_user = unit().user_id,
                                                     .max_rows = limit},
                                deadline)) {
    ContextMessage& each = branch.emplace_back();
    for (const auto& caller : row.caller_ids) each.caller_ids.push_back(caller.value());
    each.message = to_record(std::move(row));
  }
  std::vector<Message> context;
  for (std::size_t i = context_begin(branch); i < branch.size(); ++i) {
    context.push_back(std::move(branch[i].message));
  }
  co_return context;
}

Task<std::vector<Message>> PostgresMessages::path(Uuid leaf_id, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::ListPath{
          .tenant_id = unit().tenant_id, .leaf_id = leaf_id, .only_user = unit().user_id},
      deadline));
}

Task<std::vector<Message>> PostgresMessages::replies(Uuid id, Deadline deadline) {
  co_return to_records(co_await ask(
      queries::ListReplies{.tenant_id = unit().tenant_id, .id = id, .only_user = unit().user_id},
      deadline));
}

}  // namespace loci::storage
