#pragma once
#include <loci/storage/repository.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::storage {

struct Message {
  Uuid id;
  Uuid conversation_id;
  std::int64_t seq = 0;           ///< From 1; appended without gaps.
  std::optional<Uuid> parent_id;  ///< Siblings are branches.
  std::string role;               ///< "user", "assistant", "system" or "tool".
  std::string content;
  std::optional<JsonText> parts;  ///< The original's blocks, byte for byte.
  std::optional<std::string> model;
  JsonText metadata;
  std::optional<std::string> source_id;
  Timestamp created_at;
  std::int64_t version = 1;
};

struct NewMessage {
  Uuid conversation_id;           ///< append() fills it in.
  std::optional<Uuid> id;         ///< Missing: a new v7.
  std::optional<Uuid> parent_id;  ///< Missing: the conversation's current leaf.
  std::string role;
  std::string content;  ///< Must be storable (base/text.hpp).
  std::optional<JsonText> parts;
  std::optional<std::string> model;
  JsonText metadata{"{}"};
  std::optional<std::string> source_id;
  std::optional<Timestamp> created_at;  ///< Missing: now.
};

struct MessagePatch {
  Change<std::string> content = {};  ///< Queued for embedding again.
  Change<std::optional<JsonText>> parts = {};
  Change<std::optional<std::string>> model = {};
  Change<JsonText> metadata = {};
  std::optional<std::int64_t> if_version = {};
};

/// What a filter may ask of messages, beside metadata(). Own order: seq, ascending; without a
/// condition on conversation_id, created_at is the order that is served by an index.
struct MessageFields {
  static constexpr Field<Uuid> id{"id"};
  static constexpr Field<Uuid> conversation_id{"conversation_id"};
  static constexpr Field<std::int64_t> seq{"seq"};
  static constexpr Field<Uuid> parent_id{"parent_id"};
  static constexpr Field<std::string> role{"role"};
  static constexpr Field<std::string> content{"content"};
  static constexpr Field<std::string> model{"model"};
  static constexpr Field<std::string> source_id{"source_id"};
  static constexpr Field<Timestamp> created_at{"created_at"};
};

template <>
struct RecordTraits<Message> {
  using Key = Uuid;
  using New = NewMessage;
  using Patch = MessagePatch;
};

/// Messages of an erased conversation are as hidden as it is. create() and create_batch() append:
/// a message gets the next seq of its conversation, and becomes its current leaf.
///
/// erase() removes a message for good: what answered it then answers its parent, tool calls made in
/// it go with it, and its seq stays unused.
class MessageRepository : public Repository<Message> {
public:
  /// Adds messages at the end, numbered without gaps whoever else appends, in order, all or none; a
  /// message without a parent follows the one before it. The last one becomes the conversation's
  /// current leaf. Errors: BatchError, where it is the fault of an item; invalid_argument when
  /// there is no such conversation.
  virtual Task<std::vector<Message>> append(Uuid conversation_id, std::vector<NewMessage> messages,
                                            Deadline = default_deadline()) = 0;
  /// In order of seq, from the one after `after_seq`.
  virtual Task<std::vector<Message>> after(Uuid conversation_id, std::int64_t after_seq,
                                           std::int32_t limit, Deadline = default_deadline()) = 0;
  /// The last ones, newest first.
  virtual Task<std::vector<Message>> latest(Uuid conversation_id, std::int32_t limit,
                                            Deadline = default_deadline()) = 0;
  /// What a model is shown: the end of the branch that leads to the current leaf, oldest first, at
  /// most `limit` messages, never beginning between a tool call and its result: fewer, rather than
  /// a result without its call.
  virtual Task<std::vector<Message>> context(Uuid conversation_id, std::int32_t limit,
                                             Deadline = default_deadline()) = 0;
  /// From the first message to `leaf_id`: one branch, by one query.
  virtual Task<std::vector<Message>> path(Uuid leaf_id, Deadline = default_deadline()) = 0;
  /// The messages that answer this one, in order of seq: its branches.
  virtual Task<std::vector<Message>> replies(Uuid id, Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
