#pragma once
#include "storage/postgres_repository.hpp"

namespace loci::storage {

class PostgresMessages final : public PostgresRepository<Message, MessageRepository> {
public:
  explicit PostgresMessages(Unit unit);
  Task<std::vector<Message>> create_batch(std::vector<NewMessage> messages,
                                          Deadline deadline) override;
  Task<Outcomes<Message>> create_each(std::vector<NewMessage> messages, Deadline deadline) override;
  Task<bool> exists(Filter filter, Deadline deadline) override;
  Task<bool> exists(Uuid id, Deadline deadline) override;
  Task<bool> erase(Uuid id, Deadline deadline) override;
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

protected:
  Task<std::vector<Message>> fetch(std::vector<Uuid> ids, Deadline deadline) override;
  Task<std::optional<Message>> change(const Uuid& id, const MessagePatch& patch,
                                      Deadline deadline) override;

private:
  Batch<Message> batch(std::vector<NewMessage> messages, Storing<Message> storing,
                       Deadline deadline);
};

}  // namespace loci::storage
