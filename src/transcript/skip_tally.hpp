#pragma once
#include <loci/transcript/importer.hpp>

#include <cstddef>

namespace loci::transcript {

/// Counts what an import passed over. Memory stays flat: of each severity the first
/// ImportSummary::most_skips are kept, so that notes by the thousand never hide a fault.
class SkipTally {
public:
  /// Writes into `summary`, which must outlive this object.
  explicit SkipTally(ImportSummary& summary) : summary_(summary) {}

  void add(Skip skip);

private:
  ImportSummary& summary_;
  std::size_t faults_kept_ = 0;
  std::size_t notes_kept_ = 0;
};

}  // namespace loci::transcript
