#pragma once
#include <loci/pg/types.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace loci::pg {

struct Reading;

/// One row of COPY TO in binary; valid until the next rows are asked for.
class CopyRow {
public:
  explicit CopyRow(std::span<const std::optional<std::string_view>> fields) : fields_(fields) {}

  [[nodiscard]] std::size_t columns() const noexcept { return fields_.size(); }
  /// The bytes of a field, or nullopt for NULL. Errors: Error{protocol} when there is no such one.
  [[nodiscard]] std::optional<std::string_view> field(std::size_t column) const {
    if (column >= fields_.size()) no_such(column);
    return fields_[column];
  }
  /// Errors: Error{protocol} when it is NULL, or its bytes do not fit Type.
  template <class Type>
  [[nodiscard]] typename Type::Value get(std::size_t column) const {
    const auto bytes = field(column);
    if (!bytes) is_null(column);
    return Type::decode(*bytes);
  }
  template <class Type>
  [[nodiscard]] std::optional<typename Type::Value> get_optional(std::size_t column) const {
    const auto bytes = field(column);
    if (!bytes) return std::nullopt;
    return Type::decode(*bytes);
  }

private:
  [[noreturn]] static void no_such(std::size_t column);
  [[noreturn]] static void is_null(std::size_t column);
  std::span<const std::optional<std::string_view>> fields_;
};

/// The rows of a COPY TO STDOUT as they come, in flat memory. Move only; made by Lease::copy_out().
///
/// Until next() gave the end, or stop() returned, the lease takes nothing else. Dropped half-way,
/// the lease's connection is closed when it goes back. Lifetime: ends before the lease does. The
/// deadline given at the start holds for the whole; at it the COPY is cancelled, and when who waits
/// for the next rows is.
class CopyOut {
public:
  explicit CopyOut(std::unique_ptr<Reading> reading);
  CopyOut(CopyOut&&) noexcept;
  CopyOut& operator=(CopyOut&&) noexcept;
  ~CopyOut();

  /// The next rows, valid until the next call; none at the end. Errors: as Session.
  [[nodiscard]] boost::asio::awaitable<std::span<const CopyRow>> next();

  /// Ends it early: cancels the COPY and leaves the lease fit for more.
  [[nodiscard]] boost::asio::awaitable<void> stop();

private:
  std::unique_ptr<Reading> reading_;
};

}  // namespace loci::pg
