#pragma once
#include <string>
#include <tuple>
#include <utility>

#include "storage/conformance/trial.hpp"

/// The six kinds of record, each with a sample of what is done with it.
namespace loci::storage::conformance {

/// Text that no storage takes.
inline const std::string k_with_nul("a\0b", 3);

/// `t0001`, `t0002`, ...: in order of making.
[[nodiscard]] inline std::string numbered(int n) {
  std::string digits = std::to_string(n);
  return "t" + std::string(4 - digits.size(), '0') + digits;
}

/// Of one kind of record:
///   name             for the names of cases
///   in()             its repository
///   make()           what makes a new one, a further one each time, in order of `order`
///   same_key()       gives it the key of another record
///   spoil()          puts into it what is refused for its form
///   patch(), patched()   a change, and whether it was made
///   said()           everything in it but its version and its times
///   only()           a filter that finds it alone
///   order            a field that has another value in each
template <class Record>
class Kind;

template <>
class Kind<Conversation> {
public:
  static constexpr std::string_view name = "Conversation";
  static constexpr std::string_view order = "title";
  static constexpr std::string_view misspelled = "titel";
  static constexpr std::string_view meant = "title";
  static Repository<Conversation>& in(Repositories& all) { return all.conversations(); }
  NewConversation make(Trial& /*trial*/) {
    return {.id = Uuid::v7(),
            .user_id = "ann",
            .title = numbered(++made_),
            .metadata = {R"({"n": 1})"}};
  }
  static void same_key(NewConversation& made, const Conversation& other) { made.id = other.id; }
  static void spoil(NewConversation& made) { made.title = k_with_nul; }
  static Uuid key(const Conversation& record) { return record.id; }
  static Uuid unknown_key() { return nobody(); }
  static ConversationPatch patch() { return {.title = "changed"}; }
  static bool patched(const Conversation& record) { return record.title == "changed"; }
  static void change(Conversation& record) { record.title = "changed"; }
  static auto said(const Conversation& r) {
    return std::tie(r.id, r.user_id, r.title, r.status, r.metadata, r.current_leaf_id, r.last_seq,
                    r.source, r.source_id);
  }
  static bool made_of(const NewConversation& made, const Conversation& r) {
    return r.id == made.id && r.user_id == made.user_id && r.title == made.title &&
           r.metadata == made.metadata && r.status == "active" && r.version == 1;
  }
  static Filter only(const Conversation& record) { return ConversationFields::id.eq(record.id); }

private:
  int made_ = 0;
};

template <>
class Kind<Message> {
public:
  static constexpr std::string_view name = "Message";
  static constexpr std::string_view order = "seq";
  static constexpr std::string_view misspelled = "contents";
  static constexpr std::string_view meant = "content";
  static Repository<Message>& in(Repositories& all) { return all.messages(); }
  NewMessage make(Trial& trial) {
    if (!home_) home_ = trial.conversation().id;
    NewMessage made = new_message(numbered(++made_));
    made.conversation_id = *home_;
    made.id = Uuid::v7();
    made.metadata = {R"({"n": 1})"};
    made.parts = JsonText{R"([ {"type":"text"} ])"};
    return made;
  }
  static void same_key(NewMessage& made, const Message& other) { made.id = other.id; }
  static void spoil(NewMessage& made) { made.role = "nobody"; }
  static Uuid key(const Message& record) { return record.id; }
  static Uuid unknown_key() { return nobody(); }
  static MessagePatch patch() { return {.content = "changed"}; }
  static bool patched(const Message& record) { return record.content == "changed"; }
  static void change(Message& record) { record.content = "changed"; }
  static auto said(const Message& r) {
    return std::tie(r.id, r.conversation_id, r.seq, r.parent_id, r.role, r.content, r.parts,
                    r.model, r.metadata, r.source_id);
  }
  static bool made_of(const NewMessage& made, const Message& r) {
    return r.id == made.id && r.conversation_id == made.conversation_id && r.role == made.role &&
           r.content == made.content && r.parts == made.parts && r.metadata == made.metadata &&
           r.version == 1;
  }
  static Filter only(const Message& record) { return MessageFields::id.eq(record.id); }

private:
  int made_ = 0;
  std::optional<Uuid> home_;
};

template <>
class Kind<Embedding> {
public:
  static constexpr std::string_view name = "Embedding";
  static constexpr std::string_view order = "chunk";
  static constexpr std::string_view misspelled = "content_ids";
  static constexpr std::string_view meant = "content_id";
  static Repository<Embedding>& in(Repositories& all) { return all.embeddings(); }
  NewEmbedding make(Trial& trial) {
    if (!text_) text_ = trial.say_one(trial.conversation().id).id;
    return {.model_id = trial.model().id,
            .content_id = *text_,
            .chunk = ++made_,
            .embedding = {{1, 0, 0.5F}},
            .content_hash = std::string("\0\xFF", 2),
            .metadata = {R"({"n": 1})"}};
  }
  static void same_key(NewEmbedding& made, const Embedding& other) { made.chunk = other.chunk; }
  static void spoil(NewEmbedding& made) { made.embedding = {{0, 0, 0}}; }
  static EmbeddingKey key(const Embedding& record) { return record.key(); }
  static EmbeddingKey unknown_key() { return {.model_id = 1, .content_id = nobody()}; }
  static EmbeddingPatch patch() { return {.embedding = Vector{{0, 1, 0}}}; }
  static bool patched(const Embedding& record) { return record.embedding == Vector{{0, 1, 0}}; }
  static void change(Embedding& record) { record.embedding = {{0, 1, 0}}; }
  static auto said(const Embedding& r) {
    return std::tie(r.model_id, r.content_type, r.content_id, r.chunk, r.embedding, r.content_hash,
                    r.metadata);
  }
  static bool made_of(const NewEmbedding& made, const Embedding& r) {
    return r.content_id == made.content_id && r.chunk == made.chunk &&
           r.embedding == made.embedding && r.content_hash == made.content_hash &&
           r.metadata == made.metadata && r.version == 1;
  }
  static Filter only(const Embedding& record) {
    return EmbeddingFields::content_id.eq(record.content_id) &&
           EmbeddingFields::chunk.eq(record.chunk);
  }

private:
  int made_ = 0;
  std::optional<Uuid> text_;
};

template <>
class Kind<Memory> {
public:
  static constexpr std::string_view name = "Memory";
  static constexpr std::string_view order = "created_at";
  static constexpr std::string_view misspelled = "importanse";
  static constexpr std::string_view meant = "importance";
  static Repository<Memory>& in(Repositories& all) { return all.memories(); }
  NewMemory make(Trial& /*trial*/) {
    NewMemory made = new_memory(numbered(++made_));
    made.id = Uuid::v7();
    made.importance = 0.25;
    made.created_at = at("2024-01-01") + std::chrono::seconds(made_);
    made.metadata = {R"({"n": 1})"};
    return made;
  }
  static void same_key(NewMemory& made, const Memory& other) { made.id = other.id; }
  static void spoil(NewMemory& made) { made.kind = "rumour"; }
  static Uuid key(const Memory& record) { return record.id; }
  static Uuid unknown_key() { return nobody(); }
  static MemoryPatch patch() { return {.importance = 0.75}; }
  static bool patched(const Memory& record) { return record.importance == 0.75; }
  static void change(Memory& record) { record.importance = 0.75; }
  static auto said(const Memory& r) {
    return std::tie(r.id, r.scope, r.kind, r.content, r.importance, r.pinned, r.metadata,
                    r.valid_from, r.valid_to, r.expires_at, r.superseded_by, r.access_count);
  }
  static bool made_of(const NewMemory& made, const Memory& r) {
    return r.id == made.id && r.scope == made.scope && r.kind == made.kind &&
           r.content == made.content && r.importance == made.importance &&
           r.metadata == made.metadata && r.version == 1;
  }
  static Filter only(const Memory& record) { return MemoryFields::id.eq(record.id); }

private:
  int made_ = 0;
};

template <>
class Kind<Tool> {
public:
  static constexpr std::string_view name = "Tool";
  static constexpr std::string_view order = "name";
  static constexpr std::string_view misspelled = "version";
  static constexpr std::string_view meant = "tool_version";
  static Repository<Tool>& in(Repositories& all) { return all.tools(); }
  NewTool make(Trial& /*trial*/) {
    return {.id = Uuid::v7(),
            .name = numbered(++made_),
            .description = "Looks things up",
            .schema = {R"({ "type" : "object" })"},
            .metadata = {R"({"n": 1})"}};
  }
  static void same_key(NewTool& made, const Tool& other) { made.id = other.id; }
  static void spoil(NewTool& made) { made.name = ""; }
  static Uuid key(const Tool& record) { return record.id; }
  static Uuid unknown_key() { return nobody(); }
  static ToolPatch patch() { return {.description = "changed"}; }
  static bool patched(const Tool& record) { return record.description == "changed"; }
  static void change(Tool& record) { record.description = "changed"; }
  static auto said(const Tool& r) {
    return std::tie(r.id, r.name, r.tool_version, r.description, r.schema, r.status, r.metadata);
  }
  static bool made_of(const NewTool& made, const Tool& r) {
    return r.id == made.id && r.name == made.name && r.description == made.description &&
           r.schema == made.schema && r.metadata == made.metadata && r.tool_version == 1 &&
           r.status == "active" && r.version == 1;
  }
  static Filter only(const Tool& record) { return ToolFields::id.eq(record.id); }

private:
  int made_ = 0;
};

template <>
class Kind<ToolExecution> {
public:
  static constexpr std::string_view name = "ToolExecution";
  static constexpr std::string_view order = "tool_call_id";
  static constexpr std::string_view misspelled = "tool";
  static constexpr std::string_view meant = "tool_name";
  static Repository<ToolExecution>& in(Repositories& all) { return all.tool_executions(); }
  NewToolExecution make(Trial& trial) {
    if (!message_) message_ = trial.say_one(trial.conversation().id, "Wait.", "assistant").id;
    return {.message_id = *message_,
            .tool_call_id = numbered(++made_),
            .tool_name = "search",
            .arguments = {R"({ "q" : "keys" })"}};
  }
  static void same_key(NewToolExecution& made, const ToolExecution& other) {
    made.tool_call_id = other.tool_call_id;
  }
  static void spoil(NewToolExecution& made) { made.arguments = {"{"}; }
  static ExecutionKey key(const ToolExecution& record) { return record.key(); }
  static ExecutionKey unknown_key() { return {nobody(), "none"}; }
  static ToolExecutionPatch patch() { return {.error = "changed"}; }
  static bool patched(const ToolExecution& record) { return record.error == "changed"; }
  static void change(ToolExecution& record) { record.error = "changed"; }
  static auto said(const ToolExecution& r) {
    return std::tie(r.message_id, r.tool_call_id, r.conversation_id, r.tool_name, r.arguments,
                    r.status, r.result, r.error, r.attempts, r.result_message_id);
  }
  static bool made_of(const NewToolExecution& made, const ToolExecution& r) {
    return r.message_id == made.message_id && r.tool_call_id == made.tool_call_id &&
           r.tool_name == made.tool_name && r.arguments == made.arguments &&
           r.status == "pending" && r.attempts == 0 && !r.started_at && r.version == 1;
  }
  static Filter only(const ToolExecution& record) {
    return ToolExecutionFields::tool_call_id.eq(record.tool_call_id);
  }

private:
  int made_ = 0;
  std::optional<Uuid> message_;
};

}  // namespace loci::storage::conformance
