#pragma once
#include <loci/storage/storage.hpp>

#include <memory>

#include "storage/unit.hpp"

namespace loci::storage {

/// A transaction on the unit's pool, with what the unit is narrowed to.
[[nodiscard]] Task<std::unique_ptr<Transaction>> begin_transaction(Unit unit,
                                                                   pg::TransactionOptions options,
                                                                   Deadline deadline);

/// Storage::erase_user().
[[nodiscard]] Task<ErasureReport> erase_user(Unit unit, std::string user_id, Deadline deadline);

}  // namespace loci::storage
