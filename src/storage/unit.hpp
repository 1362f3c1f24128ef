#pragma once
#include <loci/pg/transaction.hpp>
#include <loci/storage/repositories.hpp>

#include <utility>

#include "storage/input_checks.hpp"

namespace loci::storage {

/// Where a repository's statements go: to a pool, each on its own, or into an open transaction.
/// What it points to outlives the repository.
struct Unit {
  pg::Session* session;
  pg::Pool* pool;  ///< Null inside a transaction.
  Uuid tenant_id;
};

/// Runs `body(session)` all or none: in the transaction there is, or in one of its own.
template <class Body>
auto in_transaction(Unit unit, Deadline deadline, Body body) -> decltype(body(*unit.session)) {
  if (unit.pool == nullptr) co_return co_await body(*unit.session);
  pg::Transaction transaction = co_await pg::Transaction::begin(*unit.pool, {}, deadline);
  auto result = co_await body(transaction);
  co_await transaction.commit(deadline);
  co_return result;
}

}  // namespace loci::storage
