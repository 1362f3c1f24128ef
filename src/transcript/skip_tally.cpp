#include "transcript/skip_tally.hpp"

#include <utility>

namespace loci::transcript {

void SkipTally::add(Skip skip) {
  const bool is_fault = skip.severity == Skip::Severity::fault;
  (is_fault ? summary_.faults : summary_.notes) += skip.count;
  std::size_t& kept = is_fault ? faults_kept_ : notes_kept_;
  if (kept == ImportSummary::most_skips) return;
  ++kept;
  summary_.skips.push_back(std::move(skip));
}

}  // namespace loci::transcript
