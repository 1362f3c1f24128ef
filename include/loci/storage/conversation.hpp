#pragma once
#include <loci/storage/repository.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::storage {

struct Conversation {
  Uuid id;
  std::string user_id;
  std::string title;
  std::string status;                   ///< "active" or "archived".
  JsonText metadata;                    ///< An object.
  std::optional<Uuid> current_leaf_id;  ///< Last message of the branch last worked on.
  std::int64_t last_seq = 0;            ///< How many messages it ever had.
  std::optional<std::string> source;    ///< Where it was imported from, and its name there.
  std::optional<std::string> source_id;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> deleted_at;
  std::int64_t version = 1;  ///< Goes up with every change of the row; new messages change it, too.
};

struct NewConversation {
  std::optional<Uuid> id;  ///< Missing: a new v7. Given, it is the idempotency key.
  std::string user_id;
  std::string title;
  JsonText metadata{"{}"};
  std::optional<std::string> source;  ///< Both or neither.
  std::optional<std::string> source_id;
  std::optional<Timestamp> created_at;  ///< Missing: now.
};

struct ConversationPatch {
  Change<std::string> title = {};
  Change<std::string> status = {};
  Change<JsonText> metadata = {};
  Change<std::optional<Uuid>> current_leaf_id = {};  ///< A message of this conversation.
  std::optional<std::int64_t> if_version = {};
};

/// What a filter may ask of conversations, beside metadata(). Own order: updated_at, newest first.
struct ConversationFields {
  static constexpr Field<Uuid> id{"id"};
  static constexpr Field<std::string> user_id{"user_id"};
  static constexpr Field<std::string> title{"title"};
  static constexpr Field<std::string> status{"status"};
  static constexpr Field<std::string> source{"source"};
  static constexpr Field<std::string> source_id{"source_id"};
  static constexpr Field<Timestamp> created_at{"created_at"};
  static constexpr Field<Timestamp> updated_at{"updated_at"};
};

template <>
struct RecordTraits<Conversation> {
  using Key = Uuid;
  using New = NewConversation;
  using Patch = ConversationPatch;
};

/// erase() hides a conversation, and with it its messages, from everything but restore() and
/// ListOptions::deleted; its rows stay until purge().
class ConversationRepository : public Repository<Conversation> {
public:
  /// Undoes erase(); its messages are queued for embedding again. nullopt: it is not there, or not
  /// deleted.
  virtual Task<std::optional<Conversation>> restore(Uuid id, Deadline = default_deadline()) = 0;
  /// Removes it, deleted or not, with its messages, tool executions, memories of its scope and
  /// embeddings.
  virtual Task<bool> purge(Uuid id, Deadline = default_deadline()) = 0;
  /// Purges what was erased before `erased_before`, at most `limit` of them, the oldest first.
  /// Gives their number; to be called until it is 0.
  virtual Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit = 100,
                                           Deadline = default_deadline()) = 0;
  /// Those whose titles hold every word of `words` (the last one may be the beginning of a word),
  /// most recently changed first. Words are runs of letters and digits, of any case.
  virtual Task<std::vector<Conversation>> search_titles(std::string words, std::int32_t limit = 20,
                                                        Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
