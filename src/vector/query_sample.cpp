#include "vector/query_sample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loci::vector {

namespace {

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0);
}

double angle(const Vector& a, const Vector& b) {
  return std::acos(std::clamp(dot(a, b) / std::sqrt(dot(a, a) * dot(b, b)), -1.0, 1.0));
}

}  // namespace

Vector turned_towards(const Vector& stored, const Vector& nearest, const Vector& other) {
  const double whole = angle(stored, other);
  const double part = std::min(angle(stored, nearest), whole);
  if (whole < 1e-6 || std::sin(whole) < 1e-6) return stored;  // no direction to turn in
  // Spherical interpolation (Shoemake, 1985), at the length of the stored one.
  const double keep = std::sin(whole - part) / std::sin(whole);
  const double take =
      std::sin(part) / std::sin(whole) * std::sqrt(dot(stored, stored) / dot(other, other));
  Vector turned = stored;
  std::ranges::transform(stored.values, other.values, turned.values.begin(),
                         [&](float a, float b) { return static_cast<float>(keep * a + take * b); });
  return turned;
}

}  // namespace loci::vector
