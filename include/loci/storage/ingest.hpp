#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Taking over whole histories: many conversations with their messages, fast, all or none, and
/// harmless when done again.
namespace loci::storage {

/// A conversation, or a further part of the one before it (same id) when it is too long for one
/// batch.
struct IngestConversation {
  NewConversation
      conversation;  ///< `id`, and what makes it known again: source and source_id, or the id.
  std::string status = "active";
  Timestamp updated_at;
  std::optional<Uuid> leaf_id;    ///< Of one of the messages; told with the last part.
  std::vector<Message> messages;  ///< Parents first; conversation_id and seq are the database's.
};

struct IngestToolCall {
  Uuid conversation_id;
  ToolExecution call;
};

struct IngestToolResult {
  Uuid conversation_id;
  std::string tool_call_id;
  Uuid message_id;
  bool is_error = false;
  Timestamp ended_at;
};

struct IngestBatch {
  std::vector<IngestConversation> conversations;
  std::vector<IngestToolCall> calls;  ///< In the order of their messages.
  std::vector<IngestToolResult> results;
};

struct IngestCounts {
  std::uint64_t new_conversations = 0;
  std::uint64_t new_messages = 0;
  std::uint64_t known_messages = 0;        ///< Were there already, by id.
  std::uint64_t erased_conversations = 0;  ///< Were deleted here: nothing of them is taken again.
};

/// One transaction of an import. write() as often as needed, then commit(); destroyed before that,
/// nothing of it stays.
///
/// A conversation that is there already, by (source, source_id) or by its id, keeps its fields and
/// gets only the messages it lacks, after those it has. One that was erased stays as it is: what a
/// user deleted does not come back with the next import. Each new message is queued for embedding.
///
/// Errors of write(): invalid_argument for what the repositories refuse for its form, for a message
/// whose parent is none before it in its conversation, and for a call or a result that is in no
/// message of its conversation; invalid_input when a conversation's id is another one's. After an
/// error of the server's or about what belongs together, nothing more can be written or committed.
class Ingest {
public:
  explicit Ingest(PostgresStorage& storage);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  [[nodiscard]] Task<IngestCounts> write(IngestBatch batch, Deadline deadline);
  [[nodiscard]] Task<void> commit(Deadline deadline);

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci::storage
