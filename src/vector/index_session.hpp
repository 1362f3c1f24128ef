#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace loci::vector {

/// One connection for the work on a model's indexes, which may take long and is done by one at a
/// time.
///
/// It is closed when the object goes, whatever happened: with it go the lock and what was set.
class IndexSession {
public:
  /// Errors: configuration, when somebody else is at it.
  [[nodiscard]] static storage::Task<IndexSession> open(storage::PostgresStorage& storage,
                                                        std::int32_t model_id);
  IndexSession(IndexSession&&) noexcept = default;
  IndexSession& operator=(IndexSession&&) = delete;
  ~IndexSession();

  /// Goes on over another connection, as soon as the server has ended what the former one ran.
  [[nodiscard]] storage::Task<void> reconnect();

  /// Whether a vacuum leaves an HNSW index whole, which that of some versions of pgvector does not.
  [[nodiscard]] bool may_vacuum() const noexcept { return may_vacuum_; }

  /// Runs what must not be part of a transaction, without a time limit of the server's.
  [[nodiscard]] storage::Task<void> run(std::string ddl);

private:
  IndexSession(storage::PostgresStorage& storage, std::int32_t model_id)
      : storage_(&storage), model_id_(model_id) {}
  storage::Task<bool> connect();

  storage::PostgresStorage* storage_;
  std::int32_t model_id_;
  std::unique_ptr<pg::Lease> lease_;
  bool may_vacuum_ = false;
};

}  // namespace loci::vector
