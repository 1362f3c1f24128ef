#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/storage/ingest.hpp>

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace loci::transcript {

/// Writes batches to the storage while the caller makes the next one: at most one is on its way.
///
/// A batch that the server refuses is tried again conversation by conversation, so that only what is
/// really at fault is left out. Errors of the connection are thrown from the next call.
class BatchWriter {
public:
  /// Told of each conversation that could not be stored, on the calling thread.
  using Refused = std::function<void(const storage::IngestConversation&, const Error&)>;

  BatchWriter(Runtime& runtime, storage::PostgresStorage& storage, Refused refused);
  ~BatchWriter();

  /// `complete`: every conversation in it ends here; the transaction is committed.
  /// Otherwise the last one goes on in the next batch, and so does the transaction.
  void write(storage::IngestBatch batch, bool complete);
  /// Waits for what is on its way.
  void finish();

  [[nodiscard]] const storage::IngestCounts& counts() const noexcept { return counts_; }

private:
  struct Job {
    storage::IngestBatch batch;
    bool complete;
  };
  void settle();
  void write_apart(storage::IngestBatch& batch);
  storage::IngestCounts write_now(const storage::IngestBatch& batch);

  Runtime& runtime_;
  storage::PostgresStorage& storage_;
  Refused refused_;
  std::unique_ptr<storage::Ingest> ingest_;
  std::optional<Job> job_;
  std::future<storage::IngestCounts> running_;
  storage::IngestCounts counts_;
  bool dropping_ = false;  // the rest of a long conversation whose part was refused
};

}  // namespace loci::transcript
