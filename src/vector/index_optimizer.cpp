#include <loci/vector/index_optimizer.hpp>

#include <loci/base/error.hpp>

#include <algorithm>
#include <format>

#include "queries/vectors.hpp"
#include "vector/index_builder.hpp"
#include "vector/index_columns.hpp"
#include "vector/recall_probe.hpp"

namespace loci::vector {

namespace {

constexpr std::uint64_t k_least_memory = 64ULL << 20U;
constexpr std::uint64_t k_most_memory = 1ULL << 30U;

void check(const IndexGoal& goal) {
  if (!(goal.target_recall > 0 && goal.target_recall < 1)) {
    throw Error(ErrorKind::invalid_argument, "a target recall lies between 0 and 1, as 0.95");
  }
  if (goal.results < 1 || goal.results > 1000) {
    throw Error(ErrorKind::invalid_argument, "recall is of the 1 to 1000 nearest");
  }
}

queries::TryVectorIndex trial_of(std::int32_t model_id, const IndexConfig& config,
                                 std::int32_t results) {
  queries::TryVectorIndex attempt;
  attempt.model_id = model_id;
  set_index_columns(attempt, config);
  attempt.results = results;
  for (const std::int32_t effort : efforts_to_try(config)) {
    if (config.kind == IndexKind::ivfflat || effort >= results * config.candidates ||
        effort == efforts_to_try(config).back()) {
      attempt.efforts.push_back(effort);
    }
  }
  return attempt;
}

VectorIndex index_of(queries::ListVectorIndexes::Row row) {
  VectorIndex index;
  index.id = row.id;
  index.name = std::move(row.name);
  index.config = {.kind = index_kind(row.kind).value(),
                  .storage = index_storage(row.storage).value(),
                  .m = row.m.value_or(0),
                  .ef_construction = row.ef_construction.value_or(0),
                  .lists = row.lists.value_or(0),
                  .effort = row.effort,
                  .candidates = row.candidates};
  index.status = std::move(row.status);
  index.rows_at_build = row.rows_at_build;
  index.bytes = row.bytes;
  index.build_seconds = row.build_seconds;
  index.recall = row.recall;
  index.created_at = row.created_at;
  index.measured_at = row.measured_at;
  return index;
}

void tell(const OptimizerOptions& options, IndexProgress progress) {
  check_cancelled(options);
  if (options.on_progress) options.on_progress(progress);
}

queries::LogVectorDecision decision(std::int32_t model_id, std::string_view action,
                                    std::string reason) {
  queries::LogVectorDecision log;
  log.model_id = model_id;
  log.action = action;
  log.reason = std::move(reason);
  return log;
}

struct Trials {
  std::vector<Trial> all;
  std::int64_t rows = 0;
};

// On a sample, in a transaction that keeps nothing.
storage::Task<Trials> try_candidates(storage::PostgresStorage& storage,
                                     const OptimizerOptions& options, std::int32_t model_id,
                                     IndexGoal goal, std::vector<IndexConfig> candidates) {
  const Deadline deadline = Deadline::after(std::chrono::minutes(10));
  auto transaction = co_await pg::Transaction::begin(storage.pool(), {}, deadline);
  Trials trials;
  trials.rows =
      (co_await transaction.run(queries::BeginVectorTrial{.tenant_id = storage.tenant_id(),
                                                          .model_id = model_id,
                                                          .rows = options.trial_rows,
                                                          .queries = options.trial_queries,
                                                          .results = goal.results},
                                deadline))
          .value()
          .rows;
  std::uint64_t done = 0;
  for (const IndexConfig& config : candidates) {
    tell(options,
         {.step = "trying " + describe(config), .done = done++, .total = candidates.size()});
    for (const auto& row :
         co_await transaction.run(trial_of(model_id, config, goal.results), deadline)) {
      IndexConfig with_effort = config;
      with_effort.effort = row.effort;
      trials.all.push_back({.config = with_effort,
                            .recall = row.recall,
                            .search_us = row.search_us,
                            .build_us = row.build_us});
    }
  }
  co_await transaction.rollback(deadline);
  co_return trials;
}

}  // namespace

std::string_view to_string(IndexOutcome outcome) {
  switch (outcome) {
    case IndexOutcome::exact_is_enough:
      return "exact";
    case IndexOutcome::retuned:
      return "retuned";
    case IndexOutcome::built:
      return "built";
    case IndexOutcome::missed:
      break;
  }
  return "missed";
}

IndexOptimizer::IndexOptimizer(storage::PostgresStorage& storage, OptimizerOptions options)
    : storage_(storage), options_(std::move(options)) {}

storage::Task<std::vector<VectorIndex>> IndexOptimizer::indexes(std::int32_t model_id) {
  std::vector<VectorIndex> all;
  for (auto& row : co_await storage_.pool().run(queries::ListVectorIndexes{.model_id = model_id},
                                                storage::default_deadline())) {
    all.push_back(index_of(std::move(row)));
  }
  co_return all;
}

storage::Task<Distribution> IndexOptimizer::analyze_distribution(std::int32_t model_id) {
  std::vector<Vector> sample;
  for (auto& row : co_await storage_.pool().run(
           queries::SampleVectors{
               .tenant_id = storage_.tenant_id(), .model_id = model_id, .wanted = 1000},
           storage::default_deadline())) {
    sample.push_back(std::move(row.embedding));
  }
  co_return vector::analyze_distribution(sample);
}

storage::Task<IndexMeasure> IndexOptimizer::measure_recall(std::int32_t model_id,
                                                           std::int32_t results,
                                                           std::int32_t sample,
                                                           std::optional<std::int32_t> effort,
                                                           std::vector<Vector> queries) {
  check({.results = results});
  const auto all = co_await indexes(model_id);
  RecallProbe probe(storage_, options_, model_id, results);
  co_await probe.prepare(sample, std::move(queries));
  if (all.empty() || all.front().status != "serving") co_return probe.exactly();
  co_return co_await probe.measure(all.front().id, effort.value_or(all.front().config.effort));
}

storage::Task<std::optional<IndexMeasure>> IndexOptimizer::retune(std::int32_t model_id,
                                                                  IndexGoal goal,
                                                                  std::vector<Vector> queries) {
  check(goal);
  const auto all = co_await indexes(model_id);
  if (all.empty() || all.front().status != "serving") co_return std::nullopt;
  RecallProbe probe(storage_, options_, model_id, goal.results);
  co_await probe.prepare(options_.measure_queries, std::move(queries));
  const IndexMeasure best = co_await probe.least_effort(all.front(), goal.target_recall);
  if (best.estimate.recall < goal.target_recall) co_return std::nullopt;
  co_await storage_.pool().run(
      queries::TuneVectorIndex{
          .effort = best.effort, .recall = best.estimate.recall, .id = best.index_id},
      storage::default_deadline());
  co_await storage_.pool().run(
      decision(model_id, to_string(IndexOutcome::retuned),
               std::format("effort {} reaches a recall of {:.3f} of the {} nearest", best.effort,
                           best.estimate.recall, goal.results)),
      storage::default_deadline());
  co_return best;
}

storage::Task<std::int32_t> IndexOptimizer::clean_up(std::int32_t model_id) {
  IndexSession session = co_await IndexSession::open(storage_, model_id);
  co_return co_await drop_idle(storage_, session, model_id);
}

storage::Task<OptimizeReport> IndexOptimizer::optimize_index(std::int32_t model_id, IndexGoal goal,
                                                             std::vector<Vector> queries) {
  OptimizeReport report = co_await optimize(model_id, goal, std::move(queries));
  co_await storage_.pool().run(decision(model_id, to_string(report.outcome), report.reason),
                               storage::default_deadline());
  co_return report;
}

storage::Task<OptimizeReport> IndexOptimizer::optimize(std::int32_t model_id, IndexGoal goal,
                                                       std::vector<Vector> queries) {
  check(goal);
  IndexSession session = co_await IndexSession::open(storage_, model_id);
  (void)co_await drop_idle(storage_, session, model_id);
  co_await session.run(std::format("analyze embeddings_{}", model_id));
  const auto size = co_await storage_.pool().run(queries::CountVectors{.model_id = model_id},
                                                 storage::default_deadline());
  if (!size) {
    throw Error(ErrorKind::invalid_argument,
                std::format("there is no embedding model {} with vectors", model_id));
  }
  OptimizeReport report;
  if (size->rows < k_least_rows_of_an_index) {
    report.reason = std::format("{} vectors: below {} a search compares them all for less",
                                size->rows, k_least_rows_of_an_index);
    co_return report;
  }
  Trials trials = co_await try_candidates(storage_, options_, model_id, goal,
                                          index_candidates(goal, size->rows, size->dimensions));
  report.trials = std::move(trials.all);
  const auto best = best_trial(report.trials, goal, trials.rows, size->rows);
  const auto served = co_await indexes(model_id);
  const bool serves = !served.empty() && served.front().status == "serving";
  if (!best) {
    report.outcome = IndexOutcome::missed;
    report.reason = "no index would be built in the time that is allowed";
    if (serves) report.index = served.front();
    co_return report;
  }
  const std::uint64_t memory =
      options_.build_memory > 0
          ? options_.build_memory
          : std::clamp(predicted_bytes(best->config, size->rows, size->dimensions) * 5 / 4,
                       k_least_memory, k_most_memory);
  const std::int32_t built =
      co_await build_index(storage_, session, options_, model_id, best->config, memory, size->rows);

  RecallProbe probe(storage_, options_, model_id, goal.results);
  co_await probe.prepare(options_.measure_queries, std::move(queries));
  VectorIndex candidate;
  candidate.id = built;
  candidate.config = best->config;
  const IndexMeasure measured = co_await probe.least_effort(candidate, goal.target_recall);
  report.measure = measured;
  co_await storage_.pool().run(
      queries::TuneVectorIndex{
          .effort = measured.effort, .recall = measured.estimate.recall, .id = built},
      storage::default_deadline());
  if (measured.estimate.recall >= goal.target_recall) {
    (void)co_await storage_.pool().run(queries::ServeVectorIndex{.model_id = model_id, .id = built},
                                       storage::default_deadline());
    report.outcome = IndexOutcome::built;
    report.reason = std::format(
        "{}, effort {}: recall {:.3f} of the {} nearest, in {:.2f} ms instead of {:.2f}",
        describe(best->config), measured.effort, measured.estimate.recall, goal.results,
        measured.search_ms, measured.exact_ms);
  } else {
    report.outcome = IndexOutcome::missed;
    report.reason = std::format("{} reaches a recall of {:.3f}, not {:.3f}", describe(best->config),
                                measured.estimate.recall, goal.target_recall);
  }
  (void)co_await drop_idle(storage_, session, model_id);
  co_await session.run(std::format(
      "{} embeddings_{}", session.may_vacuum() ? "vacuum (analyze)" : "analyze", model_id));
  const auto now = co_await indexes(model_id);
  if (!now.empty() && now.front().status == "serving") report.index = now.front();
  co_return report;
}

}  // namespace loci::vector
