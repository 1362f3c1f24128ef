#pragma once
#include <loci/storage/ingest.hpp>

namespace loci::storage {

/// What Ingest refuses before it sends anything, for its form: as the repositories do.
/// Errors: invalid_argument, saying which record it is.
void check(const IngestBatch& batch);

}  // namespace loci::storage
