#pragma once
#include <loci/embed/chunks.hpp>
#include <loci/embed/embedder.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace loci::vector {

struct WorkerProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< Done and waiting; grows when others enqueue.
};

struct WorkerOptions {
  std::int32_t batch = 256;  ///< Messages claimed at a time.
  embed::ChunkOptions chunks;
  std::function<void(const WorkerProgress&)> on_progress;
  std::function<bool()> cancelled;  ///< Asked between batches; true ends the run cleanly.
};

struct WorkerSummary {
  std::uint64_t embedded = 0;  ///< Messages that now have vectors.
  std::uint64_t blank = 0;     ///< Messages with nothing to embed.
  std::uint64_t failed = 0;    ///< Put back into the queue for later.
  std::string last_error;
};

/// Works off the queue of messages that have no embedding yet.
///
/// Each batch is claimed, embedded and stored in one transaction, so a worker that is killed loses
/// nothing and doubles nothing, and several may run side by side (SKIP LOCKED). A batch that fails
/// is taken apart until the bad text is found; that one is tried again later, alone, and does not
/// hold up the others.
class EmbeddingWorker {
public:
  EmbeddingWorker(Runtime& runtime, storage::PostgresStorage& storage, embed::Embedder& embedder,
                  WorkerOptions options);

  /// Registers the embedder's model, if need be, and queues messages that were stored before it was
  /// known. The model's id.
  [[nodiscard]] std::int32_t prepare();

  /// Until nothing is waiting, or three batches in a row failed. Blocks; embeds on this thread.
  [[nodiscard]] WorkerSummary run(std::int32_t model_id);

private:
  Runtime& runtime_;
  storage::PostgresStorage& storage_;
  embed::Embedder& embedder_;
  WorkerOptions options_;
};

}  // namespace loci::vector
