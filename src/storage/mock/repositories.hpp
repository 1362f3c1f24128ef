#pragma once
#include "storage/mock/common_repository.hpp"

/// The repositories over one unit.
namespace loci::storage::mock {

class Conversations final : public CommonRepository<ConversationRepository, Conversation> {
public:
  using CommonRepository::CommonRepository;
  Task<std::optional<Conversation>> restore(Uuid id, Deadline deadline) override;
  Task<bool> purge(Uuid id, Deadline deadline) override;
  Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit,
                                   Deadline deadline) override;
  Task<std::vector<Conversation>> search_titles(std::string words, std::int32_t limit,
                                                Deadline deadline) override;
};

class Messages final : public CommonRepository<MessageRepository, Message> {
public:
  using CommonRepository::CommonRepository;
  Task<std::vector<Message>> append(Uuid conversation_id, std::vector<NewMessage> messages,
                                    Deadline deadline) override;
  Task<std::vector<Message>> after(Uuid conversation_id, std::int64_t after_seq, std::int32_t limit,
                                   Deadline deadline) override;
  Task<std::vector<Message>> latest(Uuid conversation_id, std::int32_t limit,
                                    Deadline deadline) override;
  Task<std::vector<Message>> context(Uuid conversation_id, std::int32_t limit,
                                     Deadline deadline) override;
  Task<std::vector<Message>> path(Uuid leaf_id, Deadline deadline) override;
  Task<std::vector<Message>> replies(Uuid id, Deadline deadline) override;
};

class Embeddings final : public CommonRepository<EmbeddingRepository, Embedding> {
public:
  using CommonRepository::CommonRepository;
  Task<EmbeddingModel> add_model(std::string name, std::int32_t dimensions,
                                 Deadline deadline) override;
  Task<std::optional<EmbeddingModel>> active_model(Deadline deadline) override;
  Task<std::vector<EmbeddingModel>> models(Deadline deadline) override;
  Task<void> store(std::vector<NewEmbedding> embeddings, Deadline deadline) override;
  Task<std::vector<Embedding>> of_text(std::int32_t model_id, std::string content_type,
                                       Uuid content_id, Deadline deadline) override;
};

class Memories final : public CommonRepository<MemoryRepository, Memory> {
public:
  using CommonRepository::CommonRepository;
  Task<Upserted> upsert(NewMemory memory, Deadline deadline) override;
  Task<std::optional<Memory>> supersede(Uuid old, NewMemory by, Deadline deadline) override;
  Task<std::vector<MemoryVersion>> versions(Uuid id, Deadline deadline) override;
  Task<std::vector<Uuid>> sources(Uuid id, Deadline deadline) override;
  Task<std::int64_t> touch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::int64_t> sweep(Timestamp at, std::int32_t limit, Deadline deadline) override;
  Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit,
                                   Deadline deadline) override;
  Task<std::vector<Memory>> most_important(Filter filter, std::int32_t limit,
                                           std::chrono::seconds half_life,
                                           Deadline deadline) override;
};

class Tools final : public CommonRepository<ToolRepository, Tool> {
public:
  using CommonRepository::CommonRepository;
  Task<std::optional<Tool>> find(std::string name, std::optional<std::int32_t> tool_version,
                                 Deadline deadline) override;
  Task<Tool> register_tool(NewTool tool, Deadline deadline) override;
};

class ToolExecutions final : public CommonRepository<ToolExecutionRepository, ToolExecution> {
public:
  using CommonRepository::CommonRepository;
  Task<std::int64_t> close_pending(Uuid conversation_id, Deadline deadline) override;
};

struct Set {
  explicit Set(const Unit& unit)
      : conversations(unit),
        messages(unit),
        embeddings(unit),
        memories(unit),
        tools(unit),
        tool_executions(unit) {}
  Conversations conversations;
  Messages messages;
  Embeddings embeddings;
  Memories memories;
  Tools tools;
  ToolExecutions tool_executions;
};

/// Everything of a user, in every table of this tenant.
[[nodiscard]] ErasureReport erase_everything_of(Statement& s, const std::string& user_id);

}  // namespace loci::storage::mock
