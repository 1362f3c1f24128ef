#include "vector/recall_probe.hpp"

#include <algorithm>
#include <chrono>
#include <format>

#include "pg/retry_pause.hpp"
#include "queries/vectors.hpp"
#include "vector/index_builder.hpp"
#include "vector/query_sample.hpp"

namespace loci::vector {

namespace {

constexpr std::chrono::microseconds k_longest_pause{100'000};

double median(std::vector<double> all) {
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

std::vector<double> similarities_of(const SimilarResult& result) {
  std::vector<double> all;
  for (const SimilarHit& hit : result.hits) all.push_back(hit.similarity);
  return all;
}

}  // namespace

RecallProbe::RecallProbe(storage::PostgresStorage& storage, const OptimizerOptions& options,
                         std::int32_t model_id, std::int32_t results)
    : store_(storage),
      storage_(storage),
      options_(options),
      model_id_(model_id),
      results_(results) {}

SimilarQuery RecallProbe::asking(const Vector& vector) const {
  SimilarQuery query;
  query.model_id = model_id_;
  query.vector = vector;
  query.limit = results_;
  query.content_type = content_type_;
  return query;
}

storage::Task<SimilarResult> RecallProbe::ask(SimilarQuery query, std::vector<double>& took) {
  check_cancelled(options_);
  const auto began = std::chrono::steady_clock::now();
  auto result = co_await store_.search_similar(std::move(query));
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - began;
  took.push_back(time.count());
  // As long a pause as the search took: others get at least half.
  const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(time);
  (void)co_await pg::pause_for(std::min(pause, k_longest_pause), Deadline::never());
  co_return result;
}

// Of each sampled vector, one that is as far from the stored ones as they are from one another.
storage::Task<std::vector<Vector>> RecallProbe::make_queries(std::vector<Vector> sample,
                                                             std::size_t wanted) {
  std::vector<Vector> made;
  std::vector<double> took;
  for (std::size_t i = 0; i + 1 < sample.size() && made.size() < wanted; ++i) {
    SimilarQuery query = asking(sample[i]);
    query.limit = 2;
    query.way = Way::exact;
    tell("making queries", made.size(), wanted);
    const SimilarResult found = co_await ask(std::move(query), took);
    if (found.hits.size() < 2) continue;
    const auto nearest = co_await store_.get(found.hits.back().key);
    if (!nearest) continue;  // erased meanwhile
    made.push_back(turned_towards(sample[i], nearest->embedding, sample[i + 1]));
  }
  co_return made;
}

void RecallProbe::tell(std::string step, std::size_t done, std::size_t total) const {
  check_cancelled(options_);
  if (options_.on_progress)
    options_.on_progress({.step = std::move(step), .done = done, .total = total});
}

storage::Task<void> RecallProbe::prepare(std::int32_t sample, std::vector<Vector> queries) {
  const auto wanted = static_cast<std::size_t>(std::max(sample, 1));
  auto rows = co_await storage_.pool().run(
      queries::SampleVectors{
          .tenant_id = storage_.tenant_id(), .model_id = model_id_, .wanted = sample + 1},
      storage::default_deadline());
  // The kind of text that there is most of.
  const auto memories =
      std::ranges::count(rows, std::string("memory"), &queries::SampleVectors::Row::content_type);
  content_type_ = memories * 2 > std::ssize(rows) ? "memory" : "message";
  if (queries.empty()) {
    std::vector<Vector> vectors;
    for (auto& row : rows) vectors.push_back(std::move(row.embedding));
    queries = co_await make_queries(std::move(vectors), wanted);
  }
  if (queries.size() > wanted) queries.resize(wanted);
  std::vector<double> took;
  for (Vector& each : queries) {
    tell("searching exactly", truths_.size(), queries.size());
    SimilarQuery query = asking(each);
    query.way = Way::exact;
    const SimilarResult result = co_await ask(std::move(query), took);
    truths_.push_back({.query = std::move(each), .similarities = similarities_of(result)});
  }
  exact_ms_ = median(std::move(took));
}

IndexMeasure RecallProbe::exactly() const {
  return {.estimate = {.recall = 1, .low = 1, .high = 1, .queries = truths_.size()},
          .search_ms = exact_ms_,
          .exact_ms = exact_ms_};
}

storage::Task<IndexMeasure> RecallProbe::measure(std::int32_t index_id, std::int32_t effort) {
  std::vector<double> shares;
  std::vector<double> took;
  for (const Truth& truth : truths_) {
    SimilarQuery query = asking(truth.query);
    query.way = Way::index;
    query.index = index_id;
    query.effort = effort;
    const SimilarResult result = co_await ask(std::move(query), took);
    shares.push_back(share_found(truth.similarities, similarities_of(result)));
  }
  co_return IndexMeasure{.index_id = index_id,
                         .effort = effort,
                         .estimate = estimate_recall(shares),
                         .search_ms = median(std::move(took)),
                         .exact_ms = exact_ms_};
}

storage::Task<IndexMeasure> RecallProbe::least_effort(VectorIndex index, double target) {
  const std::vector<std::int32_t> efforts = efforts_to_try(index.config);
  std::size_t low = 0;  // recall grows with effort: the first that reaches it
  std::size_t high = efforts.size() - 1;
  std::optional<IndexMeasure> best;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    tell(std::format("measuring effort {}", efforts[middle]), 0, 0);
    IndexMeasure measured = co_await measure(index.id, efforts[middle]);
    if (measured.estimate.recall >= target) {
      best = measured;
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (best && best->effort == efforts[low]) co_return *best;
  co_return co_await measure(index.id, efforts[low]);
}

}  // namespace loci::vector
