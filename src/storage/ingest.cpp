#include <loci/storage/ingest.hpp>

#include <algorithm>
#include <loci/base/error.hpp>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "queries/conversations.hpp"
#include "queries/embeddings.hpp"
#include "queries/messages.hpp"
#include "storage/ingest_checks.hpp"

namespace loci::storage {

namespace {

using SourceKey = std::pair<std::string, std::string>;

// A conversation of this transaction as the database knows it.
struct Known {
  Uuid id;  // the database's, which may not be the one we proposed
  std::int64_t last_seq = 0;
  bool is_new = false;
  bool erased = false;  // it was deleted here, and an import does not undo that
};

void add_message(queries::CreateMessages& batch, Message message) {
  batch.ids.push_back(message.id);
  batch.conversation_ids.push_back(message.conversation_id);
  batch.seqs.push_back(message.seq);
  batch.parent_ids.push_back(message.parent_id);
  batch.roles.push_back(std::move(message.role));
  batch.contents.push_back(std::move(message.content));
  batch.parts.push_back(std::move(message.parts));
  batch.models.push_back(std::move(message.model));
  batch.metadata.push_back(std::move(message.metadata));
  batch.source_ids.push_back(std::move(message.source_id));
  batch.created_at.push_back(message.created_at);
}

}  // namespace

struct Ingest::State {
  explicit State(PostgresStorage& storage) : pool(storage.pool()), tenant(storage.tenant_id()) {}

  pg::Pool& pool;
  Uuid tenant;
  std::optional<pg::Transaction> transaction;
  bool failed = false;
  std::unordered_map<Uuid, Known> known;   // by the id proposed
  std::unordered_map<Uuid, Uuid> present;  // messages of these conversations, and which one's

  Task<void> introduce(const IngestBatch& batch, IngestCounts& counts, Deadline deadline);
  Task<void> load_present(std::vector<Uuid> conversations, Deadline deadline);
  queries::CreateMessages number(IngestBatch& batch, IngestCounts& counts,
                                 queries::FinishImportedConversations& finish,
                                 queries::EnqueueMessages& jobs);
  queries::CreateToolExecutions calls(IngestBatch& batch) const;
  queries::FinishToolExecutions results(const IngestBatch& batch) const;
  void require_whole() const;
  Task<void> write(IngestBatch& batch, IngestCounts& counts, Deadline deadline);

  [[nodiscard]] bool is_of(const Uuid& conversation, const Uuid& message) const {
    const auto found = present.find(message);
    return found != present.end() && found->second == conversation;
  }
  void require_of(const Uuid& conversation, const std::optional<Uuid>& message,
                  std::string_view what) const;
  [[nodiscard]] Uuid conversation_of(const Uuid& proposed, const Uuid& message) const;
  std::unordered_set<Uuid> added;  // messages of the batch being written
};

Ingest::Ingest(PostgresStorage& storage) : state_(std::make_unique<State>(storage)) {}
Ingest::~Ingest() = default;

Task<IngestCounts> Ingest::write(IngestBatch batch, Deadline deadline) {
  State& state = *state_;
  state.require_whole();
  check(batch);
  IngestCounts counts;
  state.failed = true;  // until it is all there
  co_await state.write(batch, counts, deadline);
  state.failed = false;
  co_return counts;
}

Task<void> Ingest::commit(Deadline deadline) {
  state_->require_whole();
  if (!state_->transaction) co_return;
  co_await state_->transaction->commit(deadline);
  state_->transaction.reset();
}

Task<void> Ingest::State::write(IngestBatch& batch, IngestCounts& counts, Deadline deadline) {
  if (!transaction) transaction.emplace(co_await pg::Transaction::begin(pool, {}, deadline));
  added.clear();
  co_await introduce(batch, counts, deadline);
  queries::FinishImportedConversations finish{.tenant_id = tenant};
  queries::EnqueueMessages jobs{.tenant_id = tenant};
  queries::CreateMessages messages = number(batch, counts, finish, jobs);
  if (messages.ids.empty() && finish.ids.empty()) co_return;
  (void)co_await transaction->pipeline(deadline, std::move(messages), std::move(finish),
                                       std::move(jobs), calls(batch), results(batch));
}

void Ingest::State::require_whole() const {
  if (failed) throw Error(ErrorKind::invalid_argument, "the import failed: nothing of it stays");
}

// A message that another one refers to stands before it, in the same conversation: so branches are
// trees, and none leads into another conversation.
void Ingest::State::require_of(const Uuid& conversation, const std::optional<Uuid>& message,
                               std::string_view what) const {
  if (!message || is_of(conversation, *message)) return;
  throw Error(ErrorKind::invalid_argument, std::string(what) + " " + message->str() +
                                               " is no message before that in conversation " +
                                               conversation.str());
}

// Of a call or a result in that message.
Uuid Ingest::State::conversation_of(const Uuid& proposed, const Uuid& message) const {
  const auto found = known.find(proposed);
  if (found == known.end() || !is_of(found->second.id, message)) {
    throw Error(ErrorKind::invalid_argument, "message " + message.str() +
                                                 " of a tool call or its result is none of "
                                                 "conversation " +
                                                 proposed.str());
  }
  return found->second.id;
}

// Creates the conversations that are not there, and locks all of them.
Task<void> Ingest::State::introduce(const IngestBatch& batch, IngestCounts& counts,
                                    Deadline deadline) {
  queries::ImportConversations create{.tenant_id = tenant};
  queries::LockImportedBySource by_source{.tenant_id = tenant};
  queries::LockImportedById by_id{.tenant_id = tenant};
  std::map<SourceKey, Uuid> proposed;
  std::unordered_set<Uuid> fresh;
  for (const IngestConversation& item : batch.conversations) {
    const NewConversation& conversation = item.conversation;
    const Uuid id = conversation.id.value();
    if (known.contains(id) || !fresh.insert(id).second) continue;
    create.ids.push_back(id);
    create.user_ids.push_back(conversation.user_id);
    create.titles.push_back(conversation.title);
    create.statuses.push_back(item.status);
    create.metadata.push_back(conversation.metadata);
    create.sources.push_back(conversation.source);
    create.source_ids.push_back(conversation.source_id);
    create.created_at.push_back(conversation.created_at.value_or(item.updated_at));
    create.updated_at.push_back(item.updated_at);
    if (conversation.source) {
      proposed[{*conversation.source, *conversation.source_id}] = id;
      by_source.sources.push_back(*conversation.source);
      by_source.source_ids.push_back(*conversation.source_id);
    } else {
      by_id.ids.push_back(id);
    }
  }
  if (create.ids.empty()) co_return;
  auto [created, with_source, without] = co_await transaction->pipeline(
      deadline, std::move(create), std::move(by_source), std::move(by_id));
  counts.new_conversations += created;

  std::vector<Uuid> older;
  const auto learn = [&](Uuid proposed_id, const auto& row) {
    known[proposed_id] = {
        .id = row.id, .last_seq = row.last_seq, .is_new = row.last_seq == 0, .erased = row.erased};
    if (row.erased) {
      ++counts.erased_conversations;
    } else if (row.last_seq > 0) {
      older.push_back(row.id);
    }
  };
  for (const auto& row : with_source) learn(proposed.at({row.source, row.source_id}), row);
  for (const auto& row : without) learn(row.id, row);
  for (const Uuid& id : fresh) {
    if (known.contains(id)) continue;
    throw Error(ErrorKind::invalid_input,
                "conversation id " + id.str() + " is taken by a conversation of another source");
  }
  if (!older.empty()) co_await load_present(std::move(older), deadline);
}

Task<void> Ingest::State::load_present(std::vector<Uuid> conversations, Deadline deadline) {
  for (const auto& row : co_await transaction->run(
           queries::ListMessageIds{.tenant_id = tenant,
                                   .conversation_ids = std::move(conversations)},
           deadline)) {
    present.emplace(row.id, row.conversation_id);
  }
}

queries::CreateMessages Ingest::State::number(IngestBatch& batch, IngestCounts& counts,
                                              queries::FinishImportedConversations& finish,
                                              queries::EnqueueMessages& jobs) {
  queries::CreateMessages create{.tenant_id = tenant};
  std::unordered_map<Uuid, std::size_t> finished;  // where in `finish`: an update takes a row once
  for (IngestConversation& item : batch.conversations) {
    Known& conversation = known.at(item.conversation.id.value());
    if (conversation.erased) continue;
    const std::int64_t before = conversation.last_seq;
    for (Message& message : item.messages) {
      if (present.contains(message.id)) {
        ++counts.known_messages;
        continue;
      }
      require_of(conversation.id, message.parent_id, "parent_id");
      present.emplace(message.id, conversation.id);
      added.insert(message.id);
      jobs.message_ids.push_back(message.id);
      message.conversation_id = conversation.id;
      message.seq = ++conversation.last_seq;
      add_message(create, std::move(message));
      ++counts.new_messages;
    }
    if (conversation.last_seq == before && !conversation.is_new) continue;
    require_of(conversation.id, item.leaf_id, "leaf_id");
    const auto [at, first] = finished.try_emplace(conversation.id, finish.ids.size());
    if (!first) {
      finish.last_seqs[at->second] = conversation.last_seq;
      if (item.leaf_id) finish.leaf_ids[at->second] = item.leaf_id;
      auto& updated_at = finish.updated_at[at->second];
      updated_at = std::max(updated_at, std::optional(item.updated_at));
      continue;
    }
    finish.ids.push_back(conversation.id);
    finish.last_seqs.push_back(conversation.last_seq);
    finish.leaf_ids.push_back(item.leaf_id);
    finish.titles.push_back(item.conversation.title);
    finish.updated_at.push_back(item.updated_at);
  }
  return create;
}

// Only calls and results of messages that are new: the others were taken over with theirs.
queries::CreateToolExecutions Ingest::State::calls(IngestBatch& batch) const {
  queries::CreateToolExecutions create{.tenant_id = tenant};
  for (IngestToolCall& item : batch.calls) {
    if (!added.contains(item.call.message_id)) continue;
    create.message_ids.push_back(item.call.message_id);
    create.tool_call_ids.push_back(std::move(item.call.tool_call_id));
    create.conversation_ids.push_back(conversation_of(item.conversation_id, item.call.message_id));
    create.tool_names.push_back(std::move(item.call.tool_name));
    create.arguments.push_back(std::move(item.call.arguments));
    create.statuses.push_back(std::move(item.call.status));
    create.started_at.push_back(item.call.started_at);
  }
  return create;
}

queries::FinishToolExecutions Ingest::State::results(const IngestBatch& batch) const {
  queries::FinishToolExecutions finish{.tenant_id = tenant};
  for (const IngestToolResult& item : batch.results) {
    if (!added.contains(item.message_id)) continue;
    finish.conversation_ids.push_back(conversation_of(item.conversation_id, item.message_id));
    finish.tool_call_ids.push_back(item.tool_call_id);
    finish.statuses.emplace_back(item.is_error ? "error" : "ok");
    finish.result_message_ids.push_back(item.message_id);
    finish.ended_at.push_back(item.ended_at);
  }
  return finish;
}

}  // namespace loci::storage
