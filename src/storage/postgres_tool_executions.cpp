#include "storage/postgres_tool_executions.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <set>

#include "queries/messages.hpp"
#include "queries/taken.hpp"
#include "queries/tools.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& /*unit*/, NewToolExecution& item) {
  check(item);
}

std::size_t bytes(const NewToolExecution& item) {
  return item.arguments.text.size();
}

Task<std::vector<ToolExecution>> insert(Unit unit, std::span<const NewToolExecution> items,
                                        Deadline deadline) {
  queries::BeginToolExecutions query{.tenant_id = unit.tenant_id, .only_user = unit.user_id};
  for (const NewToolExecution& item : items) {
    query.message_ids.push_back(item.message_id);
    query.tool_call_ids.push_back(item.tool_call_id);
    query.tool_names.push_back(item.tool_name);
    query.arguments.push_back(item.arguments);
  }
  co_return to_records(co_await unit.session->run(std::move(query), deadline));
}

Task<std::vector<bool>> taken(Unit unit, std::span<const NewToolExecution> items,
                              Deadline deadline) {
  queries::TakenToolExecutions query{.tenant_id = unit.tenant_id};
  for (const NewToolExecution& item : items) {
    query.message_ids.push_back(item.message_id);
    query.tool_call_ids.push_back(item.tool_call_id);
  }
  std::set<ExecutionKey> found;
  for (auto& row : co_await unit.session->run(std::move(query), deadline)) {
    found.insert({row.message_id, std::move(row.tool_call_id)});
  }
  std::vector<bool> answers;
  for (const NewToolExecution& item : items) {
    answers.push_back(found.contains({item.message_id, item.tool_call_id}));
  }
  co_return answers;
}

constexpr Storing<ToolExecution> k_storing_executions{.prepare = prepare,
                                                      .bytes = bytes,
                                                      .insert = insert,
                                                      .taken = taken,
                                                      .constraint = "tool_executions_pkey"};

std::vector<std::string> statuses_before(std::string_view status) {
  std::vector<std::string> before;
  for (const std::string_view each : {"pending", "running", "ok", "error", "denied", "cancelled"}) {
    if (may_become(each, status)) before.emplace_back(each);
  }
  return before;
}

}  // namespace

PostgresToolExecutions::PostgresToolExecutions(Unit unit)
    : PostgresRepository(std::move(unit), k_storing_executions) {}

Task<std::vector<ToolExecution>> PostgresToolExecutions::fetch(std::vector<ExecutionKey> keys,
                                                               Deadline deadline) {
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  queries::GetToolExecutions query{.tenant_id = unit().tenant_id, .only_user = unit().user_id};
  for (ExecutionKey& key : keys) {
    query.message_ids.push_back(key.message_id);
    query.tool_call_ids.push_back(std::move(key.tool_call_id));
  }
  co_return to_records(co_await ask(std::move(query), deadline));
}

Task<std::optional<ToolExecution>> PostgresToolExecutions::change(const ExecutionKey& key,
                                                                  const ToolExecutionPatch& patch,
                                                                  Deadline deadline) {
  queries::UpdateToolExecution update{
      .status = patch.status,
      .sets_result = patch.result.has_value(),
      .result = patch.result.value_or(std::nullopt),
      .sets_error = patch.error.has_value(),
      .error = patch.error.value_or(std::nullopt),
      .sets_result_message = patch.result_message_id.has_value(),
      .result_message_id = patch.result_message_id.value_or(std::nullopt),
      .tenant_id = unit().tenant_id,
      .message_id = key.message_id,
      .tool_call_id = key.tool_call_id,
      .only_user = unit().user_id};
  if (patch.status) update.from_statuses = statuses_before(*patch.status);
  update.if_version = patch.if_version;
  if (!update.result_message_id) {
    co_return to_optional_record(co_await ask(std::move(update), deadline));
  }
  // So that nobody removes that message between the look at it and the change.
  const auto work = [&](const Unit& inside) -> Task<std::optional<ToolExecution>> {
    auto [locked, updated] = co_await inside.session->pipeline(
        deadline,
        queries::LockConversationOfMessage{
            .tenant_id = inside.tenant_id, .id = key.message_id, .only_user = inside.user_id},
        std::move(update));
    (void)locked;
    co_return to_optional_record(std::move(updated));
  };
  co_return co_await in_transaction(unit(), deadline, work);
}

void PostgresToolExecutions::refuse_change(const ToolExecution& there,
                                           const ToolExecutionPatch& patch) {
  if (patch.status && !may_become(there.status, *patch.status)) {
    throw Error(ErrorKind::conflict,
                "an execution that is " + there.status + " cannot become " + *patch.status);
  }
  if (patch.result_message_id && *patch.result_message_id) {
    throw Error(ErrorKind::invalid_argument,
                "result_message_id " + (*patch.result_message_id)->str() +
                    " is no message of conversation " + there.conversation_id.str());
  }
  PostgresRepository::refuse_change(there, patch);
}

Task<bool> PostgresToolExecutions::erase(ExecutionKey key, Deadline deadline) {
  check(key);
  co_return co_await ask(queries::EraseToolExecution{.tenant_id = unit().tenant_id,
                                                     .message_id = key.message_id,
                                                     .tool_call_id = std::move(key.tool_call_id),
                                                     .only_user = unit().user_id},
                         deadline) == 1;
}

Task<std::int64_t> PostgresToolExecutions::close_pending(Uuid conversation_id, Deadline deadline) {
  co_return static_cast<std::int64_t>(
      co_await ask(queries::CancelOpenToolExecutions{.tenant_id = unit().tenant_id,
                                                     .conversation_id = conversation_id,
                                                     .only_user = unit().user_id},
                   deadline));
}

}  // namespace loci::storage
