#pragma once
#include <loci/pg/transaction.hpp>
#include <loci/schema/migrator.hpp>
#include <loci/storage/health.hpp>
#include <loci/storage/metrics.hpp>
#include <loci/storage/records.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace loci::storage {

/// The repositories of one tenant: what a storage and a transaction have in common.
class Repositories {
public:
  virtual ~Repositories() = default;
  virtual ConversationRepository& conversations() = 0;
  virtual MessageRepository& messages() = 0;
  virtual EmbeddingRepository& embeddings() = 0;
  virtual MemoryRepository& memories() = 0;
  virtual ToolRepository& tools() = 0;
  virtual ToolExecutionRepository& tool_executions() = 0;
};

/// Destroyed without commit(), everything done in it is undone. One coroutine at a time.
///
/// Errors of commit(): as pg::Transaction; a conflict of serializable or repeatable-read
/// transactions is retryable(), here or at the statement that met it.
class Transaction : public Repositories {
public:
  virtual Task<void> commit(Deadline = default_deadline()) = 0;
  virtual Task<void> rollback(Deadline = default_deadline()) = 0;
};

/// How many rows of a user there were in one table, and how many there are now.
struct ErasedRows {
  std::string table;
  std::int64_t erased = 0;
  std::int64_t left = 0;  ///< Counted after it, in the same transaction: 0, or the erasure failed.
};

struct ErasureReport {
  std::string user_id;
  std::vector<ErasedRows> tables;  ///< Every table that holds something of users.
  Timestamp erased_at;
};

/// Everything an application programs against. Any thread, any number of calls at once.
class Storage : public Repositories {
public:
  /// Makes sure that the database is there and its schema is this program's; opens what the pool
  /// keeps open. Nothing needs it: other calls connect by themselves, but their errors come later.
  /// Errors: connect; configuration, when migrations are pending or the schema is a newer one.
  virtual Task<void> connect(Deadline = default_deadline()) = 0;
  virtual Task<void> ping(Deadline = default_deadline()) = 0;
  /// Refuses new calls; those under way go on. A narrowed view closes nothing.
  virtual void close() = 0;

  virtual Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options = {},
                                                   Deadline = default_deadline()) = 0;

  /// Brings the schema to this program's; gives what it applied. For finer control:
  /// schema::Migrator. The schema is every tenant's: a view refuses (invalid_argument).
  virtual Task<std::vector<schema::MigrationStep>> migrate(Deadline = default_deadline()) = 0;
  /// Undoes the newest `count` migrations. As migrate().
  virtual Task<std::vector<schema::MigrationStep>> migrate_down(int count,
                                                                Deadline = default_deadline()) = 0;

  /// Looks at everything that may go wrong. A check that cannot be made is a warning in it, and a
  /// database that cannot be reached a failure: not an error.
  virtual Task<Health> health(Deadline = default_deadline()) = 0;
  [[nodiscard]] virtual Metrics metrics() const = 0;

  /// The same storage as another tenant sees it. Costs no connection. The view must not outlive the
  /// storage; its transactions may outlive the view. Errors: invalid_argument in a view of one
  /// user, which cannot be widened.
  [[nodiscard]] virtual std::unique_ptr<Storage> for_tenant(Uuid tenant_id) = 0;
  /// Narrowed to one user: conversations, their messages and executions, and memories of anybody
  /// else are not there, and what is created is that user's (an empty user_id becomes theirs,
  /// another one is invalid_argument). Vectors are whose their text is; tools and embedding models
  /// are everybody's. As for for_tenant(), of which it keeps the tenant.
  /// Errors: invalid_argument for a user_id that is empty, that no user can have, or that is
  /// another one than that of the view it is asked of.
  [[nodiscard]] virtual std::unique_ptr<Storage> for_user(std::string user_id) = 0;

  /// Removes everything of a user, for good, in one transaction: conversations (deleted ones too),
  /// messages, executions, memories with their versions, embeddings and what is queued.
  virtual Task<ErasureReport> erase_user(std::string user_id, Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
