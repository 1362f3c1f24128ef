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
/// A batch that the server refuses is tried again conversation by conversation, so that only what
/// is really at fault is left out. Errors that would hit every conversation are thrown from the
/// next call. Destroyed before finish(), the writer commits no more than what is on its way.
class BatchWriter {
public:
  /// Told of each conversation that could not be stored, on the calling thread.
  using Refused = std::function<void(const storage::IngestConversation&, const Error&)>;

  BatchWriter(Runtime& runtime, storage::PostgresStorage& storage, Refused refused);
  ~BatchWriter();

  /// A batch of complete conversations, in a transaction of its own.
  void write(storage::IngestBatch batch);
  /// One conversation that is too long for a batch, part by part, in one transaction for them all:
  /// it is committed with the last part. Nothing else is written between its parts.
  void write_part(storage::IngestBatch batch, bool last);
  /// Waits for what is on its way, and tells the planner what has come in.
  void finish();

  [[nodiscard]] const storage::IngestCounts& counts() const noexcept { return counts_; }

private:
  struct Job {
    enum class Kind : std::uint8_t { whole, part, last_part };
    storage::IngestBatch batch;
    Kind kind;
  };
  void start(Job job);
  void settle();
  void analyze();
  void write_apart(storage::IngestBatch& batch);
  storage::IngestCounts write_now(const storage::IngestBatch& batch);

  Runtime& runtime_;
  storage::PostgresStorage& storage_;
  Refused refused_;
  std::unique_ptr<storage::Ingest> ingest_;
  std::optional<Job> job_;
  std::future<storage::IngestCounts> running_;
  storage::IngestCounts counts_;       // of what is committed
  storage::IngestCounts open_counts_;  // of the transaction that is open
  std::uint64_t analyzed_ = 0;         // counts_.new_messages when the tables were analyzed last
  bool dropping_ = false;              // the rest of a long conversation that was refused
};

}  // namespace loci::transcript
