#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/vector/embedding_worker.hpp>

#include <xxhash.h>
#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <utility>

#include "queries/embeddings.hpp"

namespace loci::vector {

namespace {

namespace asio = boost::asio;
using Job = queries::ClaimJobs::Row;

constexpr int k_failures_in_a_row = 3;
constexpr std::uint64_t k_worth_analyzing = 1000;

Deadline step_deadline() {
  return Deadline::after(std::chrono::minutes(2));
}

struct Claim {
  pg::Transaction transaction;
  std::vector<Job> jobs;
};

// What one call of the embedder came to.
struct Vectors {
  queries::StoreEmbeddings store;
  queries::TrimEmbeddings trim;
  queries::FinishJobs done;
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

// What failed before is tried alone, and after everything else.
asio::awaitable<std::unique_ptr<Claim>> claim(storage::PostgresStorage& storage, std::int32_t model,
                                              std::int32_t batch) {
  auto claimed = std::make_unique<Claim>(
      co_await pg::Transaction::begin(storage.pool(), {}, step_deadline()), std::vector<Job>());
  (void)co_await claimed->transaction.run(queries::HoldClaim{}, step_deadline());
  queries::ClaimJobs ask{.tenant_id = storage.tenant_id(), .model_id = model};
  ask.tried_before = false;
  ask.max_rows = batch;
  claimed->jobs = co_await claimed->transaction.run(ask, step_deadline());
  if (claimed->jobs.empty()) {
    ask.tried_before = true;
    ask.max_rows = 1;
    claimed->jobs = co_await claimed->transaction.run(ask, step_deadline());
  }
  co_return claimed;
}

// Once the model is there, what is stored queues itself; what this tenant stored before is queued
// here, once.
asio::awaitable<std::int32_t> ensure_model(storage::PostgresStorage& storage, std::string name,
                                           std::int32_t dimensions) {
  const Uuid tenant = storage.tenant_id();
  const storage::EmbeddingModel model =
      co_await storage.embeddings().add_model(std::move(name), dimensions, step_deadline());
  pg::Transaction transaction =
      co_await pg::Transaction::begin(storage.pool(), {}, step_deadline());
  const auto begun = co_await transaction.run(
      queries::BeginCoverage{.tenant_id = tenant, .model_id = model.id}, step_deadline());
  if (begun == 1) {
    (void)co_await transaction.run(
        queries::EnqueueMissing{.model_id = model.id, .tenant_id = tenant}, step_deadline());
  }
  co_await transaction.commit(step_deadline());
  co_return model.id;
}

asio::awaitable<void> settle(std::unique_ptr<Claim> claimed, std::vector<Vectors> done,
                             queries::PostponeJobs failed) {
  for (Vectors& vectors : done) {
    (void)co_await claimed->transaction.pipeline(step_deadline(), std::move(vectors.store),
                                                 std::move(vectors.trim), std::move(vectors.done));
  }
  if (!failed.content_ids.empty()) {
    (void)co_await claimed->transaction.run(std::move(failed), step_deadline());
  }
  co_await claimed->transaction.commit(step_deadline());
}

// So that a search is planned for what is there now, and not for what autovacuum last saw.
asio::awaitable<void> analyze(storage::PostgresStorage& storage) {
  pg::Lease lease = co_await storage.pool().acquire(step_deadline());
  co_await lease.script("analyze embeddings, embedding_jobs", "analyze", step_deadline());
}

queries::FinishJobs finished(std::span<const Job> jobs, Uuid tenant, std::int32_t model) {
  queries::FinishJobs finish{.tenant_id = tenant, .content_ids = {}, .model_id = model};
  for (const Job& job : jobs) {
    finish.content_ids.push_back(job.content_id);
    finish.versions.push_back(job.version);
  }
  return finish;
}

Vectors embed_all(std::span<const Job> jobs, embed::Embedder& embedder,
                  const embed::ChunkOptions& chunk_options, Uuid tenant, std::int32_t model) {
  Vectors vectors{.store = {.tenant_id = tenant},
                  .trim = {.tenant_id = tenant, .model_id = model, .content_type = "message"},
                  .done = finished(jobs, tenant, model)};
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
    vectors.store.model_ids.push_back(model);
    vectors.store.content_types.emplace_back("message");
    vectors.store.content_ids.push_back(jobs[owners[i]].content_id);
    vectors.store.chunks.push_back(chunks[owners[i]]++);
    vectors.store.embeddings.push_back(Vector{std::move(embedded[i])});
    require_dimensions(vectors.store.embeddings.back(), embedder.dimensions());
    vectors.store.content_hashes.push_back(content_hash(texts[i]));
    vectors.store.metadata.push_back({"{}"});
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    vectors.trim.content_ids.push_back(jobs[i].content_id);
    vectors.trim.chunks.push_back(chunks[i]);
    if (chunks[i] == 0) ++vectors.blank;
  }
  return vectors;
}

struct Attempt {
  std::vector<Vectors> done;
  std::vector<Uuid> failed;
  std::string error;  // The last one.
};

// Embeds all at once; what fails is halved and tried again, breadth first, so that one bad text is
// found without holding up the others. `patience` failures in a row end it: then it is not a text.
template <class Embed>
Attempt embed_apart(std::span<const Job> jobs, int patience, Embed embed) {
  Attempt attempt;
  std::deque<std::span<const Job>> pieces{jobs};
  int failures = 0;
  while (!pieces.empty() && failures < patience) {
    const std::span<const Job> piece = pieces.front();
    pieces.pop_front();
    try {
      attempt.done.push_back(embed(piece));
      failures = 0;
    } catch (const Error& error) {
      attempt.error = error.what();
      ++failures;
      if (piece.size() == 1) {
        attempt.failed.push_back(piece.front().content_id);
      } else {
        pieces.push_back(piece.first(piece.size() / 2));
        pieces.push_back(piece.subspan(piece.size() / 2));
      }
    }
  }
  for (const std::span<const Job> piece : pieces) {
    for (const Job& job : piece) attempt.failed.push_back(job.content_id);
  }
  return attempt;
}

}  // namespace

EmbeddingWorker::EmbeddingWorker(Runtime& runtime, storage::PostgresStorage& storage,
                                 embed::Embedder& embedder, WorkerOptions options)
    : runtime_(runtime), storage_(storage), embedder_(embedder), options_(std::move(options)) {}

std::int32_t EmbeddingWorker::prepare() {
  return runtime_.wait(
      ensure_model(storage_, embedder_.name(), static_cast<std::int32_t>(embedder_.dimensions())));
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
    // After a batch that failed as a whole it is the endpoint: the next ones are not taken apart.
    Attempt attempt = embed_apart(
        claimed->jobs, failures == 0 ? k_failures_in_a_row : 1,
        [&](auto jobs) { return embed_all(jobs, embedder_, options_.chunks, tenant, model_id); });
    failures = attempt.done.empty() ? failures + 1 : 0;
    for (const Vectors& vectors : attempt.done) summary.blank += vectors.blank;
    summary.failed += attempt.failed.size();
    summary.embedded += size - attempt.failed.size();
    if (!attempt.failed.empty()) summary.last_error = attempt.error;
    runtime_.wait(settle(std::move(claimed), std::move(attempt.done),
                         {.error = to_storable(attempt.error),
                          .tenant_id = tenant,
                          .model_id = model_id,
                          .content_ids = std::move(attempt.failed)}));
    progress.done += size;
    progress.total = std::max(progress.total, progress.done);
    if (options_.on_progress) options_.on_progress(progress);
  }
  summary.embedded -= summary.blank;
  if (summary.embedded >= k_worth_analyzing) runtime_.wait(analyze(storage_));
  return summary;
}

}  // namespace loci::vector
