#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresConversations final
    : public PostgresRepository<Conversation, ConversationRepository> {
public:
  explicit PostgresConversations(Unit unit);
  Task<bool> erase(Uuid id, Deadline deadline) override;
  Task<std::optional<Conversation>> restore(Uuid id, Deadline deadline) override;
  Task<bool> purge(Uuid id, Deadline deadline) override;
  Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit,
                                   Deadline deadline) override;
  Task<std::vector<Conversation>> search_titles(std::string words, std::int32_t limit,
                                                Deadline deadline) override;

protected:
  Task<std::vector<Conversation>> fetch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::optional<Conversation>> change(const Uuid& id, const ConversationPatch& patch,
                                           Deadline deadline) override;
  [[noreturn]] void refuse_change(const Conversation& there,
                                  const ConversationPatch& patch) override;
};

}  // namespace loci::storage
