#pragma once
#include <loci/pg/transaction.hpp>
#include <loci/storage/repositories.hpp>

#include <memory>
#include <string>
#include <vector>

namespace loci::storage {

/// The repositories of one tenant: what a storage and a transaction have in common.
class Repositories {
public:
  virtual ~Repositories() = default;
  virtual ConversationRepository& conversations() = 0;
  virtual MessageRepository& messages() = 0;
  virtual EmbeddingRepository& embeddings() = 0;
};

/// Destroyed without commit(), everything done in it is undone. One coroutine at a time.
class Transaction : public Repositories {
public:
  virtual Task<void> commit(Deadline = default_deadline()) = 0;
  virtual Task<void> rollback(Deadline = default_deadline()) = 0;
};

/// Everything an application programs against. Any thread, any number of calls at once.
class Storage : public Repositories {
public:
  virtual Task<void> ping(Deadline = default_deadline()) = 0;
  virtual Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options = {},
                                                   Deadline = default_deadline()) = 0;
  virtual void close() = 0;
};

struct PostgresOptions {
  pg::PoolOptions pool;
  Uuid tenant_id = default_tenant();

  /// The one tenant of those who have only one.
  [[nodiscard]] static Uuid default_tenant() noexcept;
};

/// The storage that keeps its records in PostgreSQL. The schema must be there (schema::Migrator).
class PostgresStorage final : public Storage {
public:
  PostgresStorage(boost::asio::any_io_executor executor, PostgresOptions options);
  ~PostgresStorage() override;

  ConversationRepository& conversations() override;
  MessageRepository& messages() override;
  EmbeddingRepository& embeddings() override;
  Task<void> ping(Deadline deadline = default_deadline()) override;
  Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options = {},
                                           Deadline deadline = default_deadline()) override;
  void close() override;

  /// For the floors above, which run generated queries of their own.
  [[nodiscard]] pg::Pool& pool() noexcept;
  [[nodiscard]] Uuid tenant_id() const noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci::storage
