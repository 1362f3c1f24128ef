#include <loci/base/error.hpp>
#include <loci/vector/embedding_worker.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <xxhash.h>

#include "queries/embeddings.hpp"

namespace loci::vector {

namespace {

namespace asio = boost::asio;
using Job = queries::ClaimJobs::Row;

constexpr int k_failures_in_a_row = 3;
constexpr std::uint64_t k_worth_analyzing = 1000;

Deadline step_deadline() { return Deadline::after(std::chrono::minutes(2)); }

struct Claim {
  pg::Transaction transaction;
  std::vector<Job> jobs;
};

// What one batch of texts came to.
struct Vectors {
  queries::StoreEmbeddings store;
  queries::TrimEmbeddings trim;
  std::uint64_t blank = 0;
};

std::string content_hash(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  std::string bytes(sizeof hash, '\0');
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::copy_n(reinterpret_cast<const char*>(canonical.digest), bytes.size(), bytes.data());
  return bytes;
}

bool is_zero(const std::vector<float>& values) {
  return std::ranges::all_of(values, [](float value) { return value == 0.0F; });
}

asio::awaitable<std::unique_ptr<Claim>> claim(storage::PostgresStorage& storage, std::int32_t model, std::int32_t batch) {
  auto claimed = std::make_unique<Claim>(
      co_await pg::Transaction::begin(storage.pool(), {}, step_deadline()), std::vector<Job>());
  std::vector<Job>& jobs = claimed->jobs;
  jobs = co_await claimed->transaction.run(
      queries::ClaimJobs{.tenant_id = storage.tenant_id(), .model_id = model, .max_rows = batch},
      step_deadline());
  // What failed before is tried alone, so that one bad text cannot take others with it.
  const auto failed = std::ranges::partition(jobs, [](const Job& job) { return job.attempts == 0; });
  if (failed.begin() != jobs.begin()) {
    jobs.erase(failed.begin(), jobs.end());
  } else if (!jobs.empty()) {
    jobs.resize(1);
  }
  co_return claimed;
}

// A model is registered together with the jobs for all that is there; from then on, what is stored
// queues itself.
asio::awaitable<std::int32_t> ensure_model(storage::PostgresStorage& storage, std::string name,
                                           std::int32_t dimensions) {
  const auto known = co_await storage.pool().run(queries::GetModel{.name = name}, step_deadline());
  if (known && known->dimensions == dimensions) co_return known->id;
  pg::Transaction transaction = co_await pg::Transaction::begin(storage.pool(), {}, step_deadline());
  const auto added = co_await transaction.run(
      queries::AddEmbeddingModel{.name = std::move(name), .dimensions = dimensions}, step_deadline());
  (void)co_await transaction.run(
      queries::EnqueueMissing{.model_id = added->id, .tenant_id = storage.tenant_id()},
      step_deadline());
  co_await transaction.commit(step_deadline());
  co_return added->id;
}

asio::awaitable<void> finish(std::unique_ptr<Claim> claimed, Vectors vectors, queries::FinishJobs done) {
  (void)co_await claimed->transaction.pipeline(step_deadline(), std::move(vectors.store),
                                              std::move(vectors.trim), std::move(done));
  co_await claimed->transaction.commit(step_deadline());
}

asio::awaitable<void> postpone(std::unique_ptr<Claim> claimed, queries::PostponeJobs failed) {
  (void)co_await claimed->transaction.run(std::move(failed), step_deadline());
  co_await claimed->transaction.commit(step_deadline());
}

// So that a search is planned for what is there now, and not for what autovacuum last saw.
asio::awaitable<void> analyze(storage::PostgresStorage& storage) {
  pg::Lease lease = co_await storage.pool().acquire(step_deadline());
  co_await lease.script("analyze embeddings, embedding_jobs", "analyze", step_deadline());
}

Vectors embed_all(const std::vector<Job>& jobs, embed::Embedder& embedder,
                  const embed::ChunkOptions& chunk_options, Uuid tenant, std::int32_t model) {
  Vectors vectors{.store = {.tenant_id = tenant, .model_id = model},
                  .trim = {.tenant_id = tenant, .model_id = model, .content_type = "message"}};
  std::vector<std::string> texts;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    for (const std::string_view piece : embed::split_text(jobs[i].content, chunk_options)) {
      texts.emplace_back(piece);
      owners.push_back(i);
    }
  }
  std::vector<std::vector<float>> embedded = embedder.embed(texts);
  std::vector<std::int32_t> chunks(jobs.size(), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (is_zero(embedded[i])) continue;  // a zero vector has no direction: nothing to find it by
    vectors.store.content_types.emplace_back("message");
    vectors.store.content_ids.push_back(jobs[owners[i]].content_id);
    vectors.store.chunks.push_back(chunks[owners[i]]++);
    vectors.store.embeddings.push_back(Vector{std::move(embedded[i])});
    vectors.store.content_hashes.push_back(content_hash(texts[i]));
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    vectors.trim.content_ids.push_back(jobs[i].content_id);
    vectors.trim.chunks.push_back(chunks[i]);
    if (chunks[i] == 0) ++vectors.blank;
  }
  return vectors;
}

std::vector<Uuid> ids_of(const std::vector<Job>& jobs) {
  std::vector<Uuid> ids;
  for (const Job& job : jobs) ids.push_back(job.content_id);
  return ids;
}

}  // namespace

EmbeddingWorker::EmbeddingWorker(Runtime& runtime, storage::PostgresStorage& storage,
                                 embed::Embedder& embedder, WorkerOptions options)
    : runtime_(runtime), storage_(storage), embedder_(embedder), options_(std::move(options)) {}

std::int32_t EmbeddingWorker::prepare() {
  return runtime_.wait(ensure_model(storage_, embedder_.name(),
                                    static_cast<std::int32_t>(embedder_.dimensions())));
}

WorkerSummary EmbeddingWorker::run(std::int32_t model_id) {
  WorkerSummary summary;
  const Uuid tenant = storage_.tenant_id();
  const auto waiting = runtime_.wait(storage_.pool().run(
      queries::CountJobs{.tenant_id = tenant, .model_id = model_id}, step_deadline()));
  WorkerProgress progress{.done = 0, .total = static_cast<std::uint64_t>(waiting->waiting)};
  int failures = 0;
  while (failures < k_failures_in_a_row && !(options_.cancelled && options_.cancelled())) {
    std::unique_ptr<Claim> claimed = runtime_.wait(claim(storage_, model_id, options_.batch));
    if (claimed->jobs.empty()) break;
    const std::uint64_t size = claimed->jobs.size();
    std::vector<Uuid> ids = ids_of(claimed->jobs);
    std::optional<Vectors> vectors;
    try {
      vectors = embed_all(claimed->jobs, embedder_, options_.chunks, tenant, model_id);
    } catch (const Error& error) {
      summary.last_error = error.what();
    }
    if (vectors) {
      failures = 0;
      summary.blank += vectors->blank;
      summary.embedded += size - vectors->blank;
      runtime_.wait(finish(std::move(claimed), std::move(*vectors),
                           {.tenant_id = tenant, .model_id = model_id, .content_ids = std::move(ids)}));
    } else {
      ++failures;
      summary.failed += size;
      runtime_.wait(postpone(std::move(claimed), {.error = summary.last_error,
                                                  .tenant_id = tenant,
                                                  .model_id = model_id,
                                                  .content_ids = std::move(ids)}));
    }
    progress.done += size;
    progress.total = std::max(progress.total, progress.done);
    if (options_.on_progress) options_.on_progress(progress);
  }
  if (summary.embedded >= k_worth_analyzing) runtime_.wait(analyze(storage_));
  return summary;
}

}  // namespace loci::vector
