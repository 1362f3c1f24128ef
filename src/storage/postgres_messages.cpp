#include <loci/base/error.hpp>

#include "queries/conversations.hpp"
#include "queries/embeddings.hpp"
#include "queries/messages.hpp"
#include "storage/message_columns.hpp"
#include "storage/postgres_repositories.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void check(const NewMessage& message) {
  require_storable(message.content, "content");
  require_object(message.metadata, "metadata");
  if (message.parts) require_json(*message.parts, "parts");
  require_storable(message.model, "model");
  require_storable(message.source_id, "source_id");
  if (message.role != "user" && message.role != "assistant" && message.role != "system" &&
      message.role != "tool") {
    throw Error(ErrorKind::invalid_argument,
                "a role is user, assistant, system or tool, not \"" + message.role + "\"");
  }
}

std::vector<Uuid> parents_of(std::span<const NewMessage> messages) {
  std::vector<Uuid> parents;
  for (const NewMessage& message : messages) {
    if (message.parent_id) parents.push_back(*message.parent_id);
  }
  return parents;
}

template <class Row>
std::vector<Message> to_messages(std::vector<Row> rows) {
  std::vector<Message> messages;
  messages.reserve(rows.size());
  for (Row& row : rows) messages.push_back(to_message(std::move(row)));
  return messages;
}

// What the table will hold, numbered after `last_seq`; a message without a parent follows the one
// before.
std::vector<Message> number(Uuid conversation_id, std::int64_t last_seq, std::optional<Uuid> leaf,
                            std::vector<NewMessage> messages) {
  std::vector<Message> numbered;
  numbered.reserve(messages.size());
  for (NewMessage& message : messages) {
    numbered.push_back({.id = message.id ? *message.id : Uuid::v7(),
                        .conversation_id = conversation_id,
                        .seq = ++last_seq,
                        .parent_id = message.parent_id ? message.parent_id : leaf,
                        .role = std::move(message.role),
                        .content = std::move(message.content),
                        .parts = std::move(message.parts),
                        .model = std::move(message.model),
                        .metadata = std::move(message.metadata),
                        .source_id = std::move(message.source_id),
                        .created_at = message.created_at.value_or(now())});
    leaf = numbered.back().id;
  }
  return numbered;
}

}  // namespace

Task<std::vector<Message>> PostgresMessages::append(Uuid conversation_id,
                                                    std::vector<NewMessage> messages,
                                                    Deadline deadline) {
  for (const NewMessage& message : messages) check(message);
  if (messages.empty()) co_return std::vector<Message>();
  const Uuid tenant = unit_.tenant_id;
  const auto body = [&](pg::Session& session) -> Task<std::vector<Message>> {
    const auto [locked, foreign] = co_await session.pipeline(
        deadline, queries::LockConversation{.tenant_id = tenant, .id = conversation_id},
        queries::FindForeignParent{.tenant_id = tenant,
                                   .parent_ids = parents_of(messages),
                                   .conversation_id = conversation_id});
    if (!locked) {
      throw Error(ErrorKind::invalid_argument, "there is no conversation " + conversation_id.str());
    }
    if (foreign) {
      throw Error(ErrorKind::invalid_argument, "parent_id " + foreign->id.str() +
                                                   " is a message of another conversation than " +
                                                   conversation_id.str());
    }
    std::vector<Message> appended =
        number(conversation_id, locked->last_seq, locked->current_leaf_id, std::move(messages));
    queries::CreateMessages batch{.tenant_id = tenant};
    queries::EnqueueMessages jobs{.tenant_id = tenant};
    for (const Message& message : appended) {
      add_message(batch, message);
      jobs.message_ids.push_back(message.id);
    }
    (void)co_await session.pipeline(deadline, std::move(batch),
                                    queries::AdvanceConversation{.last_seq = appended.back().seq,
                                                                 .leaf_id = appended.back().id,
                                                                 .tenant_id = tenant,
                                                                 .id = conversation_id},
                                    std::move(jobs));
    co_return appended;
  };
  co_return co_await in_transaction(unit_, deadline, body);
}

Task<std::optional<Message>> PostgresMessages::get(Uuid id, Deadline deadline) {
  auto row = co_await unit_.session->run(
      queries::GetMessage{.tenant_id = unit_.tenant_id, .id = id}, deadline);
  if (!row) co_return std::nullopt;
  co_return to_message(std::move(*row));
}

Task<std::vector<Message>> PostgresMessages::list(Uuid conversation_id, std::int64_t after_seq,
                                                  std::int32_t limit, Deadline deadline) {
  co_return to_messages(
      co_await unit_.session->run(queries::ListMessages{.tenant_id = unit_.tenant_id,
                                                        .conversation_id = conversation_id,
                                                        .after_seq = after_seq,
                                                        .max_rows = limit},
                                  deadline));
}

Task<std::vector<Message>> PostgresMessages::latest(Uuid conversation_id, std::int32_t limit,
                                                    Deadline deadline) {
  co_return to_messages(co_await unit_.session->run(
      queries::ListLatestMessages{
          .tenant_id = unit_.tenant_id, .conversation_id = conversation_id, .max_rows = limit},
      deadline));
}

Task<std::vector<Message>> PostgresMessages::path(Uuid leaf_id, Deadline deadline) {
  co_return to_messages(co_await unit_.session->run(
      queries::ListPath{.tenant_id = unit_.tenant_id, .leaf_id = leaf_id}, deadline));
}

Task<std::int64_t> PostgresMessages::count(std::optional<Uuid> conversation_id, Deadline deadline) {
  const auto row = co_await unit_.session->run(
      queries::CountMessages{.tenant_id = unit_.tenant_id, .conversation_id = conversation_id},
      deadline);
  co_return row->total;
}

Task<std::vector<ToolExecution>> PostgresMessages::tool_executions(Uuid conversation_id,
                                                                   Deadline deadline) {
  std::vector<ToolExecution> executions;
  for (auto& row :
       co_await unit_.session->run(queries::ListToolExecutions{.tenant_id = unit_.tenant_id,
                                                               .conversation_id = conversation_id},
                                   deadline)) {
    executions.push_back({.message_id = row.message_id,
                          .tool_call_id = std::move(row.tool_call_id),
                          .tool_name = std::move(row.tool_name),
                          .arguments = std::move(row.arguments),
                          .status = std::move(row.status),
                          .result_message_id = row.result_message_id,
                          .started_at = row.started_at,
                          .ended_at = row.ended_at});
  }
  co_return executions;
}

}  // namespace loci::storage
