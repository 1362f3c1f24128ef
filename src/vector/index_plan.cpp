#include <loci/vector/index_plan.hpp>

#include <algorithm>
#include <cmath>

namespace loci::vector {

namespace {

constexpr std::uint64_t k_page = 8192;
constexpr std::uint64_t k_page_room = k_page - 32;  // without header and special space
constexpr std::int32_t k_vector_limit = 2000;       // of pgvector's indexes
constexpr std::int32_t k_halfvec_limit = 4000;
constexpr double k_as_quick = 1.03;
// The more there are, the more effort the same recall takes: what the sample misses may be so many
// times less.
constexpr double k_harder_than_a_sample = 5;

std::uint64_t vector_bytes(IndexStorage storage, std::int32_t dimensions) {
  const auto numbers = static_cast<std::uint64_t>(dimensions);
  switch (storage) {
    case IndexStorage::vector:
      return 8 + 4 * numbers;
    case IndexStorage::halfvec:
      return 8 + 2 * numbers;
    case IndexStorage::bit:
      break;
  }
  return 8 + numbers / 8;
}

std::vector<IndexStorage> storages(std::int32_t dimensions) {
  if (dimensions > k_halfvec_limit) return {IndexStorage::bit};
  if (dimensions > k_vector_limit) return {IndexStorage::halfvec};
  return {IndexStorage::halfvec, IndexStorage::vector};
}

struct Graph {
  std::int32_t m;
  std::int32_t ef_construction;
};

std::vector<IndexConfig> every_candidate(const IndexGoal& goal, std::int64_t rows,
                                         std::int32_t dimensions) {
  std::vector<IndexConfig> all;
  const auto add = [&](IndexConfig config) { all.push_back(config); };
  const std::vector<IndexStorage> fitting = storages(dimensions);
  if (goal.kind != IndexKind::ivfflat) {
    const std::int32_t brought = fitting.front() == IndexStorage::bit ? 20 : 1;
    for (const Graph graph : {Graph{16, 64}, Graph{16, 128}, Graph{24, 128}, Graph{32, 200}}) {
      add({.storage = fitting.front(),
           .m = graph.m,
           .ef_construction = graph.ef_construction,
           .candidates = brought});
    }
    if (fitting.size() > 1) add({.storage = fitting.back()});
    if (goal.max_memory > 0 && fitting.front() != IndexStorage::bit) {
      add({.storage = IndexStorage::bit, .candidates = 20});
      add({.storage = IndexStorage::bit, .candidates = 40});
    }
  }
  if (goal.kind == IndexKind::ivfflat) {
    add({.kind = IndexKind::ivfflat,
         .storage = fitting.front(),
         .lists = goal.lists > 0 ? goal.lists : calculate_optimal_lists(rows),
         .effort = 1,
         .candidates = fitting.front() == IndexStorage::bit ? 20 : 1});
  }
  return all;
}

}  // namespace

std::int32_t calculate_optimal_lists(std::int64_t rows) {
  const double root = std::sqrt(static_cast<double>(std::max<std::int64_t>(rows, 0)));
  return std::clamp(static_cast<std::int32_t>(root), 64, 1000);
}

std::uint64_t predicted_bytes(const IndexConfig& config, std::int64_t rows,
                              std::int32_t dimensions) {
  const auto aligned = [](std::uint64_t bytes) { return (bytes + 7) / 8 * 8 + 4; };
  std::uint64_t row = aligned(16 + vector_bytes(config.storage, dimensions));
  if (config.kind == IndexKind::hnsw) {
    // An element of 10 heap pointers, and a list of neighbours: 2 m on the ground, m a level above.
    const auto links =
        static_cast<std::uint64_t>(config.m) * 2 + static_cast<std::uint64_t>(config.m) / 8;
    row = aligned(72 + vector_bytes(config.storage, dimensions)) + aligned(16 + 6 * links);
  }
  const std::uint64_t in_a_page = std::max<std::uint64_t>(1, k_page_room / row);
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(rows, 0));
  return (count + in_a_page - 1) / in_a_page * k_page;
}

std::vector<IndexConfig> index_candidates(const IndexGoal& goal, std::int64_t rows,
                                          std::int32_t dimensions) {
  std::vector<IndexConfig> all = every_candidate(goal, rows, dimensions);
  if (goal.max_memory == 0) return all;
  const auto bytes = [&](const IndexConfig& each) {
    return predicted_bytes(each, rows, dimensions);
  };
  const IndexConfig least = std::ranges::min(all, {}, bytes);
  std::erase_if(all, [&](const IndexConfig& each) { return bytes(each) > goal.max_memory; });
  if (all.empty()) all.push_back(least);
  return all;
}

std::vector<std::int32_t> efforts_to_try(const IndexConfig& config) {
  if (config.kind == IndexKind::ivfflat) {
    std::vector<std::int32_t> probes;
    for (std::int32_t each = 1; each < config.lists; each += std::max(1, each / 3)) {
      probes.push_back(each);
    }
    probes.push_back(config.lists);
    return probes;
  }
  return {10,  12,  14,  17,  20,  24,  28,  33,  40,  48,  57,  68,  80,  95,
          113, 134, 160, 190, 226, 269, 320, 380, 452, 538, 640, 761, 905, 1000};
}

std::chrono::duration<double> predicted_build_time(const Trial& trial, std::int64_t trial_rows,
                                                   std::int64_t rows) {
  const auto grown = [](std::int64_t count) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(count, 2)));
  };
  const double longer =
      trial.config.kind == IndexKind::hnsw ? std::max(1.0, grown(rows) / grown(trial_rows)) : 1.0;
  return std::chrono::duration<double>(trial.build_us / 1e6 * static_cast<double>(rows) * longer);
}

std::optional<Trial> best_trial(std::span<const Trial> trials, const IndexGoal& goal,
                                std::int64_t trial_rows, std::int64_t rows) {
  std::vector<Trial> timely(trials.begin(), trials.end());
  if (goal.max_build_time.count() > 0) {
    std::erase_if(timely, [&](const Trial& each) {
      return predicted_build_time(each, trial_rows, rows) > goal.max_build_time;
    });
  }
  if (timely.empty()) return std::nullopt;
  const double target = 1 - (1 - goal.target_recall) / k_harder_than_a_sample;
  std::vector<Trial> reaching = timely;
  std::erase_if(reaching, [&](const Trial& each) { return each.recall < target; });
  if (reaching.empty()) return std::ranges::max(timely, {}, &Trial::recall);
  const double quickest = std::ranges::min(reaching, {}, &Trial::search_us).search_us;
  std::erase_if(reaching,
                [&](const Trial& each) { return each.search_us > quickest * k_as_quick; });
  return std::ranges::min(reaching, {}, &Trial::build_us);
}

}  // namespace loci::vector
