#pragma once
#include <loci/pg/types.hpp>

namespace loci::vector {

/// A vector that is not stored, as one that is looked for might be: `stored` turned towards
/// `other`, any vector of the same kind, by the angle between `stored` and its `nearest`. So it
/// lies as far from what is stored as stored vectors lie from one another, and in a direction that
/// vectors have.
///
/// Stored vectors themselves, and those between near ones, are found too easily to measure by: the
/// graph of an index leads from each to its neighbours.
[[nodiscard]] Vector turned_towards(const Vector& stored, const Vector& nearest,
                                    const Vector& other);

}  // namespace loci::vector
