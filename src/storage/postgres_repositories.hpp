#pragma once
#include <loci/storage/repositories.hpp>

#include "storage/unit.hpp"

namespace loci::storage {

class PostgresConversations final : public ConversationRepository {
public:
  explicit PostgresConversations(Unit unit) : unit_(unit) {}
  Task<Conversation> create(NewConversation conversation, Deadline deadline) override;
  Task<std::optional<Conversation>> get(Uuid id, Deadline deadline) override;
  Task<bool> exists(Uuid id, Deadline deadline) override;
  Task<std::vector<Conversation>> list(ListConversations options, Deadline deadline) override;
  Task<std::int64_t> count(std::optional<std::string> user_id, Deadline deadline) override;
  Task<std::optional<Conversation>> update(Uuid id, ConversationPatch patch,
                                           Deadline deadline) override;
  Task<bool> erase(Uuid id, Deadline deadline) override;
  Task<bool> purge(Uuid id, Deadline deadline) override;

private:
  Unit unit_;
};

class PostgresMessages final : public MessageRepository {
public:
  explicit PostgresMessages(Unit unit) : unit_(unit) {}
  Task<std::vector<Message>> append(Uuid conversation_id, std::vector<NewMessage> messages,
                                    Deadline deadline) override;
  Task<std::optional<Message>> get(Uuid id, Deadline deadline) override;
  Task<std::vector<Message>> list(Uuid conversation_id, std::int64_t after_seq, std::int32_t limit,
                                  Deadline deadline) override;
  Task<std::vector<Message>> latest(Uuid conversation_id, std::int32_t limit,
                                    Deadline deadline) override;
  Task<std::vector<Message>> path(Uuid leaf_id, Deadline deadline) override;
  Task<std::int64_t> count(std::optional<Uuid> conversation_id, Deadline deadline) override;
  Task<std::vector<ToolExecution>> tool_executions(Uuid conversation_id,
                                                   Deadline deadline) override;

private:
  Unit unit_;
};

class PostgresEmbeddings final : public EmbeddingRepository {
public:
  explicit PostgresEmbeddings(Unit unit) : unit_(unit) {}
  Task<EmbeddingModel> add_model(std::string name, std::int32_t dimensions,
                                 Deadline deadline) override;
  Task<std::optional<EmbeddingModel>> active_model(Deadline deadline) override;
  Task<void> store(std::int32_t model_id, std::vector<Embedding> embeddings,
                   Deadline deadline) override;
  Task<std::vector<Embedding>> get(std::int32_t model_id, std::string content_type, Uuid content_id,
                                   Deadline deadline) override;
  Task<std::int64_t> count(std::int32_t model_id, Deadline deadline) override;

private:
  Unit unit_;
};

}  // namespace loci::storage
