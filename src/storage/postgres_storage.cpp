#include <loci/storage/storage.hpp>

#include "storage/postgres_repositories.hpp"

namespace loci::storage {

namespace {

struct Ping {
  static constexpr pg::Statement statement{
      .name = "Ping", .sql = "select 1", .lane = pg::Lane::shared};
  static constexpr auto cardinality = pg::Cardinality::exec;
  void bind(pg::Params& /*params*/) const {}
};

// The three repositories over one unit.
struct Set {
  explicit Set(Unit unit) : conversations(unit), messages(unit), embeddings(unit) {}
  PostgresConversations conversations;
  PostgresMessages messages;
  PostgresEmbeddings embeddings;
};

class PostgresTransaction final : public Transaction {
public:
  PostgresTransaction(pg::Transaction transaction, Uuid tenant_id)
      : transaction_(std::move(transaction)), set_(Unit{&transaction_, nullptr, tenant_id}) {}

  ConversationRepository& conversations() override { return set_.conversations; }
  MessageRepository& messages() override { return set_.messages; }
  EmbeddingRepository& embeddings() override { return set_.embeddings; }
  Task<void> commit(Deadline deadline) override { return transaction_.commit(deadline); }
  Task<void> rollback(Deadline deadline) override { return transaction_.rollback(deadline); }

private:
  pg::Transaction transaction_;
  Set set_;
};

pg::PoolOptions with_tenant(PostgresOptions options) {
  options.pool.settings["loci.tenant_id"] = options.tenant_id.str();
  return std::move(options.pool);
}

}  // namespace

struct PostgresStorage::State {
  State(boost::asio::any_io_executor executor, const PostgresOptions& options)
      : tenant_id(options.tenant_id),
        pool(std::move(executor), with_tenant(options)),
        set(Unit{&pool, &pool, options.tenant_id}) {}
  Uuid tenant_id;
  pg::Pool pool;
  Set set;
};

Uuid PostgresOptions::default_tenant() noexcept {
  return *Uuid::parse("00000000-0000-7000-8000-000000000001");
}

PostgresStorage::PostgresStorage(boost::asio::any_io_executor executor, PostgresOptions options)
    : state_(std::make_unique<State>(std::move(executor), options)) {}
PostgresStorage::~PostgresStorage() = default;

ConversationRepository& PostgresStorage::conversations() {
  return state_->set.conversations;
}
MessageRepository& PostgresStorage::messages() {
  return state_->set.messages;
}
EmbeddingRepository& PostgresStorage::embeddings() {
  return state_->set.embeddings;
}

Task<void> PostgresStorage::ping(Deadline deadline) {
  (void)co_await state_->pool.run(Ping{}, deadline);
}

Task<std::unique_ptr<Transaction>> PostgresStorage::begin(pg::TransactionOptions options,
                                                          Deadline deadline) {
  co_return std::make_unique<PostgresTransaction>(
      co_await pg::Transaction::begin(state_->pool, options, deadline), state_->tenant_id);
}

void PostgresStorage::close() {
  state_->pool.close();
}
pg::Pool& PostgresStorage::pool() noexcept {
  return state_->pool;
}
Uuid PostgresStorage::tenant_id() const noexcept {
  return state_->tenant_id;
}

}  // namespace loci::storage
