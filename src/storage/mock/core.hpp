#pragma once
#include <loci/storage/mock_storage.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "storage/mock/calls.hpp"
#include "storage/mock/rows.hpp"
#include "storage/mock/work.hpp"

namespace loci::storage::mock {

/// What a mock, its views and its transactions share.
struct Core {
  explicit Core(const MockOptions& options);

  Calls calls;
  std::function<Timestamp()> clock;
  std::string cursor_key;

  std::mutex mutex;  // guards what follows
  Rows rows;
  bool closed = false;
};

/// Whose records a repository sees.
struct Scope {
  Uuid tenant;
  std::optional<std::string> user = {};
};

/// What one call reads and writes by, under the mock's mutex.
struct Statement {
  Work& work;
  const Scope& scope;
  Timestamp now;
  const std::string& cursor_key;

  template <class... Parts>
  [[nodiscard]] Key key(Table table, const Parts&... parts) const {
    return key_of(table, scope.tenant, parts...);
  }
};

/// Where a repository's calls go: each on its own, or into an open transaction. What it points to
/// outlives the repository.
struct Unit {
  Core* core;
  Work* work;  ///< Null outside a transaction.
  Scope scope;

  /// One call: recorded, made to wait or fail, then done as a whole. `body` may run again, when a
  /// transaction that stood in the way is over; it must not use up what it captured.
  template <class Body>
  [[nodiscard]] auto run(std::string operation, Deadline deadline, Body body) const {
    using Result = std::invoke_result_t<Body&, Statement&>;
    return result_of<Result>(*this, std::move(operation), deadline, std::move(body));
  }

private:
  using Erased = std::function<void(Statement&)>;

  template <class Result>
  static Task<Result> result_of(Unit unit, std::string operation, Deadline deadline,
                                std::function<Result(Statement&)> body) {
    std::optional<Result> result;
    co_await perform(unit, std::move(operation), deadline,
                     [&](Statement& statement) { result.emplace(body(statement)); });
    co_return std::move(*result);
  }
  static Task<void> perform(Unit unit, std::string operation, Deadline deadline, Erased body);
  [[nodiscard]] bool attempt(const Erased& body) const;
  [[nodiscard]] bool attempt_in(Work& transaction, const Erased& body) const;
};

/// Runs what is not a repository's call in the same way: recorded, made to wait or fail.
[[nodiscard]] Task<void> call(Core& core, std::string operation, Deadline deadline,
                              std::function<void()> body);

}  // namespace loci::storage::mock
