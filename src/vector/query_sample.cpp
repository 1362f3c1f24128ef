#include "vector/query_sample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loci::vector {

namespace {

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0);
}

}  // namespace

std::vector<Vector> unseen_among(std::span<const Vector> sample, std::size_t count) {
  std::vector<double> lengths;
  for (const Vector& each : sample) lengths.push_back(std::sqrt(dot(each, each)));
  std::vector<Vector> made;
  for (std::size_t i = 0; i < sample.size() && made.size() < count; ++i) {
    std::size_t nearest = i;
    double best = -2;
    for (std::size_t j = 0; j < sample.size(); ++j) {
      if (j == i || sample[j].values == sample[i].values) continue;
      const double cosine = dot(sample[i], sample[j]) / (lengths[i] * lengths[j]);
      if (cosine > best) {
        best = cosine;
        nearest = j;
      }
    }
    Vector middle = sample[i];
    std::ranges::transform(middle.values, sample[nearest].values, middle.values.begin(),
                           [](float a, float b) { return (a + b) / 2; });
    const double length = std::sqrt(dot(middle, middle));
    if (length == 0) continue;  // opposite to one another
    const double scale = (lengths[i] + lengths[nearest]) / 2 / length;
    for (float& each : middle.values) each = static_cast<float>(each * scale);
    made.push_back(std::move(middle));
  }
  return made;
}

}  // namespace loci::vector
