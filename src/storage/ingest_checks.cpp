#include "storage/ingest_checks.hpp"

#include <loci/base/error.hpp>

#include "storage/input_checks.hpp"

namespace loci::storage {

namespace {

// Tells of a fault whose it is.
template <class Check>
void check_one(std::string_view kind, const Uuid& id, Check check_it) {
  try {
    check_it();
  } catch (const Error& error) {
    throw error.with_context(std::string(kind) + " " + id.str());
  }
}

void check_conversation(const IngestConversation& item) {
  if (!item.conversation.id) {
    throw Error(ErrorKind::invalid_argument, "a conversation of an import has an id");
  }
  check_one("conversation", *item.conversation.id, [&] {
    check(item.conversation);
    check(ConversationPatch{.status = item.status});
    require_time(item.updated_at, "updated_at");
  });
  for (const Message& each : item.messages) check_one("message", each.id, [&] { check(each); });
}

}  // namespace

void check(const IngestBatch& batch) {
  for (const IngestConversation& item : batch.conversations) check_conversation(item);
  for (const IngestToolCall& item : batch.calls) {
    check_one("tool call of message", item.call.message_id, [&] { check(item.call); });
  }
  for (const IngestToolResult& item : batch.results) {
    check_one("tool result in message", item.message_id, [&] {
      check(ExecutionKey{item.message_id, item.tool_call_id});
      require_time(item.ended_at, "ended_at");
    });
  }
}

}  // namespace loci::storage
