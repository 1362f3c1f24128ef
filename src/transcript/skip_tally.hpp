#pragma once
#include <loci/transcript/importer.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace loci::transcript {

/// Counts what an import passed over, and why. Memory stays flat: of each severity the first
/// ImportSummary::most_skips are kept, so that notes by the thousand never hide a fault; notes are
/// counted by reason besides, and the readers know few.
class SkipTally {
public:
  /// Writes into `summary`, which must outlive this object.
  explicit SkipTally(ImportSummary& summary) : summary_(summary) {}

  void add(Skip skip);

private:
  void count_reason(const Skip& note);

  ImportSummary& summary_;
  std::size_t faults_kept_ = 0;
  std::size_t notes_kept_ = 0;
  std::vector<std::string> last_files_;  // of each group in summary_.passed_over
};

}  // namespace loci::transcript
