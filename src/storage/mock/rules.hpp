#pragma once
#include <loci/storage/records.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mock/core.hpp"

/// What a call may do with each kind of record, within one statement: the mock's own part of what
/// the schema and the queries are to PostgreSQL.
namespace loci::storage::mock {

template <class Record>
using Found = std::shared_ptr<const Record>;  // null: it is not there
template <class Record>
using Visit = std::function<void(const Found<Record>&)>;

/// For each kind of record:
///   name                    what its operations begin with
///   create()                stores a new one; errors as Repository::create()
///   find()                  one that reads see, in this scope
///   each()                  all of them, deleted ones as told
///   change()                does to a record what a patch says, and no more
///   put()                   stores a changed record, one version further
///   erase()                 as Repository::erase()
template <class Record>
struct Rules;

template <>
struct Rules<Conversation> {
  static constexpr std::string_view name = "conversations";
  static Conversation create(Statement& s, const NewConversation& made);
  static Found<Conversation> find(Statement& s, const Uuid& id);
  static void each(Statement& s, Deleted deleted, const Visit<Conversation>& visit);
  static void change(Statement& s, Conversation& record, const ConversationPatch& patch);
  static Conversation put(Statement& s, const Conversation& before, Conversation record);
  static bool erase(Statement& s, const Uuid& id);

  /// Deleted or not.
  static Found<Conversation> find_any(Statement& s, const Uuid& id);
  /// With all that belongs to it.
  static void remove(Statement& s, const Conversation& record);
};

template <>
struct Rules<Message> {
  static constexpr std::string_view name = "messages";
  static Message create(Statement& s, const NewMessage& made);
  static Found<Message> find(Statement& s, const Uuid& id);
  static void each(Statement& s, Deleted deleted, const Visit<Message>& visit);
  static void change(Statement& s, Message& record, const MessagePatch& patch);
  static Message put(Statement& s, const Message& before, Message record);
  static bool erase(Statement& s, const Uuid& id);

  /// Of one conversation, in order of seq, whether it is deleted or not.
  static std::vector<Found<Message>> of_conversation(Statement& s, const Uuid& conversation_id);
  /// From the first one to `leaf`, oldest first.
  static std::vector<Message> branch(Statement& s, std::optional<Uuid> leaf);
  /// With its executions, its embeddings, and what names it as a source.
  static void remove(Statement& s, const Message& record);
};

template <>
struct Rules<ToolExecution> {
  static constexpr std::string_view name = "tool_executions";
  static ToolExecution create(Statement& s, const NewToolExecution& made);
  static Found<ToolExecution> find(Statement& s, const ExecutionKey& key);
  static void each(Statement& s, Deleted deleted, const Visit<ToolExecution>& visit);
  static void change(Statement& s, ToolExecution& record, const ToolExecutionPatch& patch);
  static ToolExecution put(Statement& s, const ToolExecution& before, ToolExecution record);
  static bool erase(Statement& s, const ExecutionKey& key);
};

/// One of the messages that a memory came from.
struct MemorySource {
  Uuid memory_id;
  Uuid message_id;
};

template <>
struct Rules<Memory> {
  static constexpr std::string_view name = "memories";
  static Memory create(Statement& s, const NewMemory& made);
  static Found<Memory> find(Statement& s, const Uuid& id);
  static void each(Statement& s, Deleted deleted, const Visit<Memory>& visit);
  static void change(Statement& s, Memory& record, const MemoryPatch& patch);
  static Memory put(Statement& s, const Memory& before, Memory record);
  static bool erase(Statement& s, const Uuid& id);

  static bool is_expired(const Memory& record, Timestamp at);
  /// Errors: server 23514 when it ends before it begins.
  static void require_valid_span(Timestamp from, std::optional<Timestamp> to);
  static void add_sources(Statement& s, const Uuid& id, const std::vector<Uuid>& sources);
  /// The one of the same scope, kind and content that is neither erased nor superseded.
  static Found<Memory> find_alike(Statement& s, const Memory& other);
  /// Stores it as put() does, but for its version.
  static void overwrite(Statement& s, const Memory& before, const Memory& record);
  /// With its versions, sources and embeddings.
  static void remove(Statement& s, const Memory& record);
};

template <>
struct Rules<Tool> {
  static constexpr std::string_view name = "tools";
  static Tool create(Statement& s, const NewTool& made);
  static Found<Tool> find(Statement& s, const Uuid& id);
  static void each(Statement& s, Deleted deleted, const Visit<Tool>& visit);
  static void change(Statement& s, Tool& record, const ToolPatch& patch);
  static Tool put(Statement& s, const Tool& before, Tool record);
  static bool erase(Statement& s, const Uuid& id);

  static Found<Tool> newest(Statement& s, const std::string& name);
};

template <>
struct Rules<Embedding> {
  static constexpr std::string_view name = "embeddings";
  static Embedding create(Statement& s, const NewEmbedding& made);
  static Found<Embedding> find(Statement& s, const EmbeddingKey& key);
  static void each(Statement& s, Deleted deleted, const Visit<Embedding>& visit);
  static void change(Statement& s, Embedding& record, const EmbeddingPatch& patch);
  static Embedding put(Statement& s, const Embedding& before, Embedding record);
  static bool erase(Statement& s, const EmbeddingKey& key);

  /// All vectors of a text that goes.
  static void forget_text(Statement& s, std::string_view content_type, const Uuid& content_id);
};

/// Whether a list that is to include deleted ones so takes this one.
[[nodiscard]] constexpr bool is_asked_for(Deleted wanted, bool is_deleted) {
  return wanted == Deleted::include || is_deleted == (wanted == Deleted::only);
}

/// Whose a new record is, in this scope. Errors: invalid_argument for somebody else's.
[[nodiscard]] std::string owner_of(const Scope& scope, const std::string& user_id);

}  // namespace loci::storage::mock
