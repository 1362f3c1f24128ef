#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/scoped_session.hpp>
#include <loci/pg/transaction.hpp>
#include <loci/storage/task.hpp>

#include <concepts>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "storage/input_checks.hpp"

namespace loci::storage {

class CursorKey;

/// Where a repository's statements go: to a pool, each on its own, or into an open transaction; and
/// whose records they are about. What it points to, and does not share, outlives the repository.
struct Unit {
  pg::Session* session;
  pg::Pool* pool = nullptr;                ///< Null inside a transaction.
  pg::Transaction* transaction = nullptr;  ///< Null outside of one, and inside a part of it.
  pg::Savepoint* savepoint = nullptr;      ///< The part of the transaction that it is inside of.
  Uuid tenant_id;
  std::optional<std::string> user_id = {};  ///< Narrowed to this user: for_user().
  /// What the sessions of a view set, tenant above all; null where connections have it already.
  /// Shared with the transactions begun in the view, which may outlive it.
  std::shared_ptr<const std::map<std::string, std::string>> settings = nullptr;
  CursorKey* cursor_key = nullptr;
};

/// Whose a new record is: in a view of one user it is theirs. Errors: invalid_argument when it says
/// that it is another's.
inline void own(const Unit& unit, std::string& user_id) {
  if (!unit.user_id) return;
  if (user_id.empty()) user_id = *unit.user_id;
  if (user_id == *unit.user_id) return;
  throw Error(ErrorKind::invalid_argument, "user_id is another user's than that of the view");
}

/// An open transaction, or a part of one that can be undone by itself, and the unit inside it.
/// Destroyed before it is kept, it is undone.
template <class Scope>
class Inside {
public:
  Inside(Scope scope, Unit outside) : scope_(std::move(scope)), unit_(std::move(outside)) {
    unit_.session = &scope_;
    if (unit_.settings != nullptr) {
      scoped_.emplace(scope_, pg::ScopedSession::Inside::transaction, *unit_.settings);
      unit_.session = &*scoped_;
    }
    unit_.pool = nullptr;
    if constexpr (std::same_as<Scope, pg::Transaction>) {
      unit_.transaction = &scope_;
    } else {
      unit_.transaction = nullptr;
      unit_.savepoint = &scope_;
    }
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  [[nodiscard]] Scope& scope() noexcept { return scope_; }
  [[nodiscard]] const Unit& unit() const noexcept { return unit_; }

private:
  Scope scope_;
  std::optional<pg::ScopedSession> scoped_;
  Unit unit_;
};

/// A part of the unit's transaction.
[[nodiscard]] inline Task<std::unique_ptr<Inside<pg::Savepoint>>> begin_part(Unit unit,
                                                                             Deadline deadline) {
  pg::Savepoint part = unit.savepoint != nullptr ? co_await unit.savepoint->nested(deadline)
                                                 : co_await unit.transaction->nested(deadline);
  co_return std::make_unique<Inside<pg::Savepoint>>(std::move(part), unit);
}

/// Runs `body(Unit)` all or none: in the transaction there is, or in one of its own.
template <class Body>
auto in_transaction(Unit unit, Deadline deadline, Body body)
    -> std::invoke_result_t<Body&, const Unit&> {
  if (unit.pool == nullptr) co_return co_await body(unit);
  Inside<pg::Transaction> work(co_await pg::Transaction::begin(*unit.pool, {}, deadline), unit);
  auto result = co_await body(work.unit());
  co_await work.scope().commit(deadline);
  co_return result;
}

}  // namespace loci::storage
