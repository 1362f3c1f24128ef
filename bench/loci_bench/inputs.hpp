#pragma once
#include <loci/pg/types.hpp>

#include <vector>

#include "random.hpp"

namespace loci::bench {

/// What operations draw from, read before the window; empty where the workload does not need it.
struct Inputs {
  std::vector<Uuid> keys;
  std::vector<Vector> vectors;

  [[nodiscard]] const Uuid& key(Random& random) const { return keys[random.below(keys.size())]; }
  [[nodiscard]] const Vector& vector(Random& random) const {
    return vectors[random.below(vectors.size())];
  }
};

}  // namespace loci::bench
