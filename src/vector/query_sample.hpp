#pragma once
#include <loci/pg/types.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace loci::vector {

/// As many vectors, at most, that lie among the sample's and are none of them: each halfway between
/// one and the nearest other of the sample, at the mean of their lengths.
[[nodiscard]] std::vector<Vector> unseen_among(std::span<const Vector> sample, std::size_t count);

}  // namespace loci::vector
