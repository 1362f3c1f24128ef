#pragma once
#include <loci/pg/statement.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loci {
class Error;
}

/// A query as a value: what a session runs, and what that gives.
namespace loci::pg {

/// What one statement brought: rows, a count, or the server's error.
class Result {
public:
  struct State;  // holds the PGresult; libpq is not seen from here
  explicit Result(std::unique_ptr<State> state);
  Result(Result&&) noexcept;
  Result& operator=(Result&&) noexcept;
  ~Result();

  /// Throws the error this result holds, if it holds one.
  void check() const;
  [[nodiscard]] bool failed() const noexcept;
  [[nodiscard]] const Error* error() const noexcept;  ///< Null when it did not fail.

  [[nodiscard]] std::size_t rows() const noexcept;
  [[nodiscard]] std::size_t columns() const noexcept;
  [[nodiscard]] std::uint64_t affected()
      const noexcept;  ///< Rows inserted, updated, deleted or returned.
  [[nodiscard]] std::string_view tag() const noexcept;     ///< As the server says it: `INSERT 0 1`.
  [[nodiscard]] std::size_t memory_size() const noexcept;  ///< Bytes held, about.
  [[nodiscard]] RowView row(std::size_t index) const { return {*this, index}; }
  [[nodiscard]] std::string_view query() const noexcept;  ///< The statement's name.

private:
  friend class RowView;
  std::unique_ptr<State> state_;
};

/// What became of a statement that returns no rows.
struct ExecResult {
  std::string tag;             ///< As the server says it: `INSERT 0 1`, `CREATE TABLE`.
  std::uint64_t affected = 0;  ///< Rows inserted, updated or deleted; 0 where the tag has no count.
  bool operator==(const ExecResult&) const = default;
};

/// What loci-sqlgen makes of `-- name: X :one`.
template <class Q>
concept Query = requires(const Q& query, Params& params) {
  { Q::statement } -> std::convertible_to<const Statement&>;
  { Q::cardinality } -> std::convertible_to<Cardinality>;
  query.bind(params);
};

namespace detail {
template <Query Q>
auto outcome_of(const Result& result) {
  result.check();
  if constexpr (Q::cardinality == Cardinality::one) {
    std::optional<typename Q::Row> row;
    if (result.rows() != 0) row = Q::decode(result.row(0));
    return row;
  } else if constexpr (Q::cardinality == Cardinality::many) {
    std::vector<typename Q::Row> rows;
    rows.reserve(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i) rows.push_back(Q::decode(result.row(i)));
    return rows;
  } else if constexpr (Q::cardinality == Cardinality::execresult) {
    return ExecResult{.tag = std::string(result.tag()), .affected = result.affected()};
  } else {
    return result.affected();
  }
}
}  // namespace detail

/// What running Q gives (a count for :exec too; callers of :exec ignore it).
template <Query Q>
using OutcomeOf = decltype(detail::outcome_of<Q>(std::declval<const Result&>()));

}  // namespace loci::pg
