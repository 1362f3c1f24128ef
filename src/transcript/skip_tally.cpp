#include "transcript/skip_tally.hpp"

#include <algorithm>
#include <utility>

namespace loci::transcript {

void SkipTally::add(Skip skip) {
  const bool is_fault = skip.severity == Skip::Severity::fault;
  (is_fault ? summary_.faults : summary_.notes) += skip.count;
  if (!is_fault) count_reason(skip);
  std::size_t& kept = is_fault ? faults_kept_ : notes_kept_;
  if (kept == ImportSummary::most_skips) return;
  ++kept;
  summary_.skips.push_back(std::move(skip));
}

// Files are read one after the other, so the last one listed is the only one that goes on.
void SkipTally::count_reason(const Skip& note) {
  auto group = std::ranges::find(summary_.passed_over, note.reason, &PassedOver::reason);
  if (group == summary_.passed_over.end()) {
    group = summary_.passed_over.insert(group, {.reason = note.reason});
    last_files_.emplace_back();
  }
  group->count += note.count;
  std::string& last = last_files_[static_cast<std::size_t>(group - summary_.passed_over.begin())];
  if (group->files == 0 || last != note.file) {
    last = note.file;
    if (++group->files <= PassedOver::few_files) {
      group->first_files.push_back({.file = note.file, .place = note.place});
    }
  }
  if (group->files <= PassedOver::few_files) group->first_files.back().count += note.count;
}

}  // namespace loci::transcript
