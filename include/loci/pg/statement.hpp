#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// What the struct of a query is made of: its statement, how its parameters are sent and how its
/// rows are read. All that a generated header needs beside its types; what runs it is query.hpp's.
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

/// How many rows a query gives, and so what running it returns.
enum class Cardinality : std::uint8_t {
  one,         ///< std::optional<Row>
  many,        ///< std::vector<Row>
  exec,        ///< void
  execrows,    ///< std::uint64_t, the rows affected
  execresult,  ///< ExecResult
};

}  // namespace loci::pg
