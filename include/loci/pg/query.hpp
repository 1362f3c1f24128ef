#pragma once
#include <loci/pg/types.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci {
class Error;
}

/// A query as a value: what generated structs are made of, and what a session runs.
namespace loci::pg {

/// Which connections may run a statement.
enum class Lane : std::uint8_t {
  exclusive,  ///< A lease of its own. Anything may run there.
  shared,     ///< One read-only statement without session state: may share a connection.
};

/// A statement's text and what is known of it. Views must live for ever (generated code: literals).
struct Statement {
  std::string_view name;  ///< For errors, logs and statistics.
  std::string_view sql;   ///< With $1, $2, ...
  Lane lane = Lane::exclusive;
};

/// The parameters of one execution, in binary form, in order.
class Params {
public:
  template <class Type>
  void add(const typename Type::Value& value) {
    const std::size_t begin = encoder_.size();
    Type::encode(encoder_, value);
    slots_.push_back({begin, static_cast<std::ptrdiff_t>(encoder_.size() - begin)});
  }
  template <class Type>
  void add(const std::optional<typename Type::Value>& value) {
    if (value) {
      add<Type>(*value);
    } else {
      slots_.push_back({encoder_.size(), -1});
    }
  }

  struct Slot {
    std::size_t begin;
    std::ptrdiff_t length;  ///< -1: NULL.
  };
  [[nodiscard]] const std::vector<Slot>& slots() const noexcept { return slots_; }
  [[nodiscard]] Encoder& encoder() noexcept { return encoder_; }
  [[nodiscard]] const Encoder& encoder() const noexcept { return encoder_; }

private:
  Encoder encoder_;
  std::vector<Slot> slots_;
};

class Result;

/// One row of a Result; valid while the result lives.
///
/// A column is decoded as the Type that is asked for, whatever its own type is. loci-sqlgen vouches
/// that the two agree; in a query written by hand an int4 that is read as a float4 is a number, and
/// the wrong one.
class RowView {
public:
  RowView(const Result& result, std::size_t row) : result_(&result), row_(row) {}

  /// A column that is never NULL. Errors: Error{protocol} when it is, or its bytes do not fit Type.
  template <class Type>
  [[nodiscard]] typename Type::Value get(std::size_t column) const {
    const auto bytes = field(column);
    if (!bytes) unexpected_null(column);
    return Type::decode(*bytes);
  }
  template <class Type>
  [[nodiscard]] std::optional<typename Type::Value> get_optional(std::size_t column) const {
    const auto bytes = field(column);
    if (!bytes) return std::nullopt;
    return Type::decode(*bytes);
  }
  /// The bytes of a field, or nullopt for NULL.
  [[nodiscard]] std::optional<std::string_view> field(std::size_t column) const;

private:
  [[noreturn]] void unexpected_null(std::size_t column) const;
  const Result* result_;
  std::size_t row_;
};

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

/// How many rows a query gives, and so what running it returns.
enum class Cardinality : std::uint8_t {
  one,         ///< std::optional<Row>
  many,        ///< std::vector<Row>
  exec,        ///< void
  execrows,    ///< std::uint64_t, the rows affected
  execresult,  ///< ExecResult
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
