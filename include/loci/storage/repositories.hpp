#pragma once
#include <loci/base/deadline.hpp>
#include <loci/storage/records.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What can be done with each kind of record. The same interfaces work on a storage (each call on
/// its own) and inside a transaction.
///
/// Errors, everywhere: those of pg::Session. A record that is not there is nullopt or false, no
/// error. Input PostgreSQL would refuse for its form (text with NUL, broken UTF-8, JSON that is no
/// object) is Error{invalid_argument} before anything is sent.
namespace loci::storage {

template <class T>
using Task = boost::asio::awaitable<T>;

/// The time a call may take when the caller does not say.
[[nodiscard]] inline Deadline default_deadline() {
  return Deadline::after(std::chrono::seconds(30));
}

struct ListConversations {
  std::optional<std::string> user_id;
  std::int32_t limit = 50;
  /// The last record of the page before: the next page starts after it.
  std::optional<Conversation> after;
};

class ConversationRepository {
public:
  virtual ~ConversationRepository() = default;
  /// Errors: server 23505 when the id or the (source, source_id) is taken.
  virtual Task<Conversation> create(NewConversation conversation,
                                    Deadline = default_deadline()) = 0;
  virtual Task<std::optional<Conversation>> get(Uuid id, Deadline = default_deadline()) = 0;
  virtual Task<bool> exists(Uuid id, Deadline = default_deadline()) = 0;
  /// Most recently changed first.
  virtual Task<std::vector<Conversation>> list(ListConversations options,
                                               Deadline = default_deadline()) = 0;
  virtual Task<std::int64_t> count(std::optional<std::string> user_id = {},
                                   Deadline = default_deadline()) = 0;
  virtual Task<std::optional<Conversation>> update(Uuid id, ConversationPatch patch,
                                                   Deadline = default_deadline()) = 0;
  /// Hides it from everything; its rows stay until purge(). False: it was not there.
  virtual Task<bool> erase(Uuid id, Deadline = default_deadline()) = 0;
  /// Removes it, deleted or not, with its messages, tool executions and embeddings.
  virtual Task<bool> purge(Uuid id, Deadline = default_deadline()) = 0;
};

class MessageRepository {
public:
  virtual ~MessageRepository() = default;
  /// Adds messages at the end, numbered without gaps, in order, all or none. The last one becomes
  /// the conversation's current leaf. Errors: invalid_argument when there is no such conversation.
  virtual Task<std::vector<Message>> append(Uuid conversation_id, std::vector<NewMessage> messages,
                                            Deadline = default_deadline()) = 0;
  virtual Task<std::optional<Message>> get(Uuid id, Deadline = default_deadline()) = 0;
  /// In order of seq, from the one after `after_seq`.
  virtual Task<std::vector<Message>> list(Uuid conversation_id, std::int64_t after_seq,
                                          std::int32_t limit, Deadline = default_deadline()) = 0;
  /// The last ones, newest first.
  virtual Task<std::vector<Message>> latest(Uuid conversation_id, std::int32_t limit,
                                            Deadline = default_deadline()) = 0;
  /// From the first message to `leaf_id`: one branch.
  virtual Task<std::vector<Message>> path(Uuid leaf_id, Deadline = default_deadline()) = 0;
  virtual Task<std::int64_t> count(std::optional<Uuid> conversation_id = {},
                                   Deadline = default_deadline()) = 0;
  virtual Task<std::vector<ToolExecution>> tool_executions(Uuid conversation_id,
                                                           Deadline = default_deadline()) = 0;
};

class EmbeddingRepository {
public:
  virtual ~EmbeddingRepository() = default;
  /// Registers a model, or gives the one of that name. The first one ever is active at once. Waits
  /// for those who are storing messages; in a transaction, let it be the first thing done.
  /// Errors: server 22023 when the name is known with other dimensions.
  virtual Task<EmbeddingModel> add_model(std::string name, std::int32_t dimensions,
                                         Deadline = default_deadline()) = 0;
  virtual Task<std::optional<EmbeddingModel>> active_model(Deadline = default_deadline()) = 0;
  /// Stores or replaces, all or none.
  virtual Task<void> store(std::int32_t model_id, std::vector<Embedding> embeddings,
                           Deadline = default_deadline()) = 0;
  /// The chunks of one text, in order.
  virtual Task<std::vector<Embedding>> get(std::int32_t model_id, std::string content_type,
                                           Uuid content_id, Deadline = default_deadline()) = 0;
  virtual Task<std::int64_t> count(std::int32_t model_id, Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
