#include "storage/input_checks.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using ToolExecutionRules = Rules<ToolExecution>;

Key execution_place(Statement& s, const ExecutionKey& key) {
  return s.key(Table::tool_executions, key.message_id, key.tool_call_id);
}

}  // namespace

ToolExecution ToolExecutionRules::create(Statement& s, const NewToolExecution& made) {
  check(made);
  const auto message = Rules<Message>::find(s, made.message_id);
  if (!message) {
    throw server_error("23503",
                       "tool_executions_tenant_id_message_id_fkey: there is no such message");
  }
  ToolExecution record;
  record.message_id = made.message_id;
  record.tool_call_id = made.tool_call_id;
  record.conversation_id = message->conversation_id;
  record.tool_name = made.tool_name;
  record.arguments = made.arguments;
  record.status = "pending";
  s.work.require_there(s.key(Table::messages, made.message_id),
                       "tool_executions_tenant_id_message_id_fkey");
  s.work.insert(execution_place(s, record.key()), record, "tool_executions_pkey");
  return record;
}

Found<ToolExecution> ToolExecutionRules::find(Statement& s, const ExecutionKey& key) {
  check(key);
  auto record = s.work.find<ToolExecution>(execution_place(s, key));
  return record && Rules<Conversation>::find(s, record->conversation_id) ? record : nullptr;
}

void ToolExecutionRules::each(Statement& s, Deleted deleted, const Visit<ToolExecution>& visit) {
  s.work.each<ToolExecution>(s.key(Table::tool_executions), [&](const Key&, const auto& record) {
    const auto conversation = Rules<Conversation>::find_any(s, record->conversation_id);
    if (conversation && is_asked_for(deleted, conversation->deleted_at.has_value())) visit(record);
  });
}

void ToolExecutionRules::change(Statement& s, ToolExecution& record,
                                const ToolExecutionPatch& patch) {
  if (patch.status && *patch.status != record.status) {
    const std::string& next = *patch.status;
    if (!may_become(record.status, next)) {
      throw Error(ErrorKind::conflict,
                  "an execution that is " + record.status + " cannot become " + next);
    }
    record.ended_at.reset();
    if (next == "running") {
      record.started_at = s.now;
      ++record.attempts;
    } else if (next != "pending") {
      record.ended_at = s.now;
    }
    record.status = next;
  }
  if (patch.result_message_id && *patch.result_message_id) {
    const auto carrier = s.work.find<Message>(s.key(Table::messages, **patch.result_message_id));
    if (!carrier || carrier->conversation_id != record.conversation_id) {
      throw Error(ErrorKind::invalid_argument, "result_message_id is no message of conversation " +
                                                   record.conversation_id.str());
    }
  }
  if (patch.result) record.result = *patch.result;
  if (patch.error) record.error = *patch.error;
  if (patch.result_message_id) record.result_message_id = *patch.result_message_id;
}

ToolExecution ToolExecutionRules::put(Statement& s, const ToolExecution& /*before*/,
                                      ToolExecution record) {
  ++record.version;
  s.work.put(execution_place(s, record.key()), record);
  return record;
}

bool ToolExecutionRules::erase(Statement& s, const ExecutionKey& key) {
  const auto found = find(s, key);
  if (found) s.work.remove(execution_place(s, key));
  return found != nullptr;
}

}  // namespace loci::storage::mock
