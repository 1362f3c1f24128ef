#include <loci/vector/recall.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loci::vector {

namespace {

constexpr double k_quantile = 2.2414;  // of the normal distribution, two-sided 97.5%
constexpr double k_rounding = 1e-6;    // of a distance, between two ways to compute it

}  // namespace

RecallEstimate estimate_recall(std::span<const double> shares) {
  if (shares.empty()) return {.recall = 0, .low = 0, .high = 1, .queries = 0};
  const auto n = static_cast<double>(shares.size());
  const double mean = std::reduce(shares.begin(), shares.end()) / n;
  double squares = 0;
  for (const double each : shares) squares += (each - mean) * (each - mean);
  const double variance = n > 1 ? squares / (n - 1) / n : 0;  // of the mean
  // Never more trials than queries, although each has several results: a sample may well hold none
  // of the few that find little, and its variance then says nothing of them.
  double trials = n;
  if (variance > 0) trials = std::clamp(mean * (1 - mean) / variance, n / 4, n);
  const double z2 = k_quantile * k_quantile;
  const double centre = (mean + z2 / (2 * trials)) / (1 + z2 / trials);
  const double half = k_quantile / (1 + z2 / trials) *
                      std::sqrt(mean * (1 - mean) / trials + z2 / (4 * trials * trials));
  return {.recall = mean,
          .low = std::clamp(centre - half, 0.0, mean),
          .high = std::clamp(centre + half, mean, 1.0),
          .queries = shares.size()};
}

double share_found(std::span<const double> truth, std::span<const double> found) {
  if (truth.empty()) return 1;
  const double reach = truth.back() - k_rounding;
  const auto right = std::ranges::count_if(found, [&](double each) { return each >= reach; });
  return std::min(1.0, static_cast<double>(right) / static_cast<double>(truth.size()));
}

}  // namespace loci::vector
