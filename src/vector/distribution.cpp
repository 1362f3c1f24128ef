#include <loci/vector/distribution.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

namespace loci::vector {

namespace {

using Values = std::vector<float>;

constexpr int k_rounds = 8;  // k-means settles in few

double dot(const Values& a, const Values& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void normalize(Values& values) {
  const double norm = std::sqrt(dot(values, values));
  if (norm == 0) return;
  for (float& each : values) each = static_cast<float>(each / norm);
}

struct Place {
  std::size_t centre = 0;
  double cosine = -1;
};

Place nearest(const Values& unit, const std::vector<Values>& centres) {
  Place best;
  for (std::size_t c = 0; c < centres.size(); ++c) {
    if (const double cosine = dot(unit, centres[c]); cosine > best.cosine) best = {c, cosine};
  }
  return best;
}

void find_clusters(const std::vector<Values>& units, Distribution& found) {
  const auto wanted = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::sqrt(static_cast<double>(units.size()))));
  std::vector<Values> centres;
  for (std::size_t c = 0; c < wanted; ++c) centres.push_back(units[c * units.size() / wanted]);
  std::vector<std::size_t> sizes;
  for (int round = 0; round < k_rounds; ++round) {
    sizes.assign(wanted, 0);
    std::vector<Values> sums(wanted, Values(found.dimensions, 0.0F));
    found.cohesion = 0;
    for (const Values& unit : units) {
      const Place place = nearest(unit, centres);
      ++sizes[place.centre];
      found.cohesion += place.cosine / static_cast<double>(units.size());
      std::ranges::transform(sums[place.centre], unit, sums[place.centre].begin(), std::plus<>());
    }
    for (std::size_t c = 0; c < wanted; ++c) {
      if (sizes[c] == 0) continue;
      normalize(sums[c]);
      centres[c] = std::move(sums[c]);
    }
  }
  double entropy = 0;
  for (const std::size_t size : sizes) {
    if (size == 0) continue;
    const double share = static_cast<double>(size) / static_cast<double>(units.size());
    entropy -= share * std::log(share);
  }
  found.clusters = std::exp(entropy);
}

}  // namespace

Distribution analyze_distribution(std::span<const Vector> sample) {
  Distribution found;
  if (sample.empty()) return found;
  found.count = sample.size();
  found.dimensions = sample.front().values.size();
  found.least_norm = std::numeric_limits<double>::infinity();
  std::vector<Values> units;
  std::multiset<Values> all;
  for (const Vector& each : sample) {
    const double norm = std::sqrt(dot(each.values, each.values));
    found.least_norm = std::min(found.least_norm, norm);
    found.greatest_norm = std::max(found.greatest_norm, norm);
    found.mean_norm += norm / static_cast<double>(sample.size());
    all.insert(each.values);
    units.push_back(each.values);
    normalize(units.back());
  }
  const auto twice =
      std::ranges::count_if(sample, [&](const Vector& each) { return all.count(each.values) > 1; });
  found.duplicates = static_cast<double>(twice) / static_cast<double>(sample.size());
  find_clusters(units, found);
  return found;
}

}  // namespace loci::vector
