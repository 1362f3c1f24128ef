#pragma once
#include <loci/storage/health.hpp>
#include <loci/storage/postgres_storage.hpp>

namespace loci::storage {

/// health() and more, for a person who asks what could be better: known faults of the versions in
/// use; settings of the server that do not fit the machine or what is kept; and whether the rows of
/// tenants are kept apart. Errors: none of the database, as of health().
[[nodiscard]] Task<Health> examine(PostgresStorage& storage,
                                   Deadline deadline = default_deadline());

}  // namespace loci::storage
