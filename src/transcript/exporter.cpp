#include <loci/transcript/exporter.hpp>

#include <loci/base/error.hpp>
#include <loci/transcript/loci_jsonl.hpp>

#include <unordered_map>
#include <utility>
#include <vector>

#include "queries/conversations.hpp"
#include "queries/messages.hpp"

namespace loci::transcript {

namespace {

namespace asio = boost::asio;

constexpr std::int32_t k_page = 500;

Deadline page_deadline() {
  return Deadline::after(std::chrono::minutes(2));
}

// The calls of one conversation by the message that made them, and the results by theirs.
struct ToolRecords {
  std::unordered_map<Uuid, std::vector<ExportedToolCall>> calls;
  std::unordered_map<Uuid, std::vector<ToolResult>> results;
};

ExportedConversation exported(queries::models::Conversation row) {
  return {.id = row.id,
          .source = row.source.value_or(""),
          .source_id = row.source_id.value_or(""),
          .user_id = std::move(row.user_id),
          .title = std::move(row.title),
          .status = row.status == "active" ? "" : row.status,
          .metadata = std::move(row.metadata),
          .current_leaf = row.current_leaf_id,
          .created_at = row.created_at,
          .updated_at = row.updated_at};
}

template <class Row>
ExportedMessage exported(Row row, ToolRecords& tools) {
  ExportedMessage message{.id = row.id,
                          .parent = row.parent_id,
                          .source_id = row.source_id.value_or(""),
                          .role = parse_role(row.role).value_or(Role::user),
                          .content = std::move(row.content),
                          .parts = row.parts ? std::move(*row.parts) : JsonText{},
                          .model = row.model.value_or(""),
                          .metadata = std::move(row.metadata),
                          .created_at = row.created_at};
  if (const auto calls = tools.calls.find(row.id); calls != tools.calls.end()) {
    message.tool_calls = std::move(calls->second);
  }
  if (const auto results = tools.results.find(row.id); results != tools.results.end()) {
    message.tool_results = std::move(results->second);
  }
  return message;
}

asio::awaitable<ToolRecords> load_tools(pg::Session& session, Uuid tenant, Uuid conversation) {
  ToolRecords tools;
  for (auto& row : co_await session.run(
           queries::ListToolExecutions{.tenant_id = tenant, .conversation_id = conversation},
           page_deadline())) {
    if (row.result_message_id) {
      tools.results[*row.result_message_id].push_back(
          {.call_id = row.tool_call_id, .is_error = row.status == "error"});
    }
    tools.calls[row.message_id].push_back({.id = {},
                                           .call_id = std::move(row.tool_call_id),
                                           .name = std::move(row.tool_name),
                                           .arguments = std::move(row.arguments),
                                           .status = std::move(row.status)});
  }
  co_return tools;
}

asio::awaitable<std::uint64_t> export_messages(pg::Session& session, Uuid tenant, Uuid conversation,
                                               const std::function<void(std::string_view)>& write) {
  ToolRecords tools = co_await load_tools(session, tenant, conversation);
  std::uint64_t count = 0;
  std::int64_t after = 0;
  for (;;) {
    auto rows = co_await session.run(queries::ListMessages{.tenant_id = tenant,
                                                           .conversation_id = conversation,
                                                           .after_seq = after,
                                                           .max_rows = k_page},
                                     page_deadline());
    if (rows.empty()) co_return count;
    after = rows.back().seq;
    count += rows.size();
    for (auto& row : rows) write(to_jsonl(exported(std::move(row), tools)));
  }
}

asio::awaitable<ExportSummary> export_all(storage::PostgresStorage& storage, ExportOptions options,
                                          const std::function<void(std::string_view)>& write) {
  const Uuid tenant = storage.tenant_id();
  // One snapshot, so that a parent written meanwhile cannot be missing.
  pg::Transaction snapshot = co_await pg::Transaction::begin(
      storage.pool(), {.isolation = pg::Isolation::repeatable_read, .read_only = true},
      page_deadline());
  ExportSummary summary;
  Uuid after;
  for (;;) {
    auto rows = co_await snapshot.run(queries::ExportConversations{.tenant_id = tenant,
                                                                   .only_id = options.conversation,
                                                                   .user_id = options.user_id,
                                                                   .after_id = after,
                                                                   .max_rows = k_page},
                                      page_deadline());
    if (rows.empty()) break;
    after = rows.back().id;
    for (auto& row : rows) {
      const Uuid id = row.id;
      write(to_jsonl(exported(std::move(row))));
      summary.messages += co_await export_messages(snapshot, tenant, id, write);
      ++summary.conversations;
    }
  }
  co_await snapshot.commit(page_deadline());
  co_return summary;
}

}  // namespace

ExportSummary export_history(Runtime& runtime, storage::PostgresStorage& storage,
                             const ExportOptions& options,
                             const std::function<void(std::string_view)>& write) {
  return runtime.wait(export_all(storage, options, write));
}

}  // namespace loci::transcript
