#pragma once
#include <cstddef>
#include <span>

namespace loci::vector {

/// What part of the truly nearest a search finds, by a sample of queries.
struct RecallEstimate {
  double recall = 0;        ///< Mean over the queries, 0 to 1.
  double low = 0;           ///< The interval that holds the recall of all queries, in at least
  double high = 0;          ///< 95 of 100 samples.
  std::size_t queries = 0;  ///< Of the sample.
};

/// From the recall of each query, 0 to 1. Wilson's score interval (1927) of as many independent
/// trials as give the variance that the queries show (Kish's effective sample size), at most one a
/// query; at 97.5% rather than 95%, because the variance is itself estimated.
[[nodiscard]] RecallEstimate estimate_recall(std::span<const double> shares);

/// The share of the truth that was found: how many of `found` are as near as the last of `truth`,
/// for of equals any may be given. Both are similarities, highest first; 1 when there is no truth.
[[nodiscard]] double share_found(std::span<const double> truth, std::span<const double> found);

}  // namespace loci::vector
