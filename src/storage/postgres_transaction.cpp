#include "storage/postgres_transaction.hpp"

#include "queries/conversations.hpp"
#include "storage/repository_set.hpp"

namespace loci::storage {

namespace {

class PostgresTransaction final : public Transaction {
public:
  PostgresTransaction(pg::Transaction transaction, const Unit& outside)
      : inside_(std::move(transaction), outside), set_(inside_.unit()) {}

  ConversationRepository& conversations() override { return set_.conversations; }
  MessageRepository& messages() override { return set_.messages; }
  EmbeddingRepository& embeddings() override { return set_.embeddings; }
  MemoryRepository& memories() override { return set_.memories; }
  ToolRepository& tools() override { return set_.tools; }
  ToolExecutionRepository& tool_executions() override { return set_.tool_executions; }
  Task<void> commit(Deadline deadline) override { return inside_.scope().commit(deadline); }
  Task<void> rollback(Deadline deadline) override { return inside_.scope().rollback(deadline); }

private:
  Inside<pg::Transaction> inside_;
  RepositorySet set_;
};

}  // namespace

Task<std::unique_ptr<Transaction>> begin_transaction(Unit unit, pg::TransactionOptions options,
                                                     Deadline deadline) {
  co_return std::make_unique<PostgresTransaction>(
      co_await pg::Transaction::begin(*unit.pool, options, deadline), unit);
}

Task<ErasureReport> erase_user(Unit unit, std::string user_id, Deadline deadline) {
  check_user(user_id);
  own(unit, user_id);
  const auto work = [&](const Unit& inside) -> Task<ErasureReport> {
    ErasureReport report{.user_id = user_id, .tables = {}, .erased_at = now()};
    for (auto& row : co_await inside.session->run(
             queries::EraseUser{.tenant_id = inside.tenant_id, .user_id = user_id}, deadline)) {
      report.tables.push_back(
          {.table = std::move(row.table_name), .erased = row.erased, .left = row.left_over});
    }
    co_return report;
  };
  co_return co_await in_transaction(unit, deadline, work);
}

}  // namespace loci::storage
