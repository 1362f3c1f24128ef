#pragma once
#include <loci/base/deadline.hpp>
#include <loci/base/time.hpp>
#include <loci/pg/pool.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::schema {

/// One row of the version table.
struct AppliedMigration {
  std::int64_t version = 0;  ///< Below 0: a repeatable file, numbered as they first came.
  std::string name;
  std::string checksum;  ///< Of the statements done, while it is partial.
  Timestamp at{};
  int done = 0;  ///< Statements of its way up.
  int total = 0;
  std::optional<int> undone = {};  ///< Statements of its way down; set while it is being undone.
  /// Of those statements, as they were; unknown where an earlier Loci began it.
  std::optional<std::string> undone_checksum = {};
  /// The next statement, which runs outside a transaction, may have been begun and cut off; unknown
  /// where an earlier Loci wrote the row.
  std::optional<bool> begun = {};

  [[nodiscard]] bool repeatable() const noexcept { return version < 0; }
  [[nodiscard]] bool partial() const noexcept { return undone || done < total; }
};

/// The table in which a database keeps what was applied to it:
/// version, name, checksum, applied_at, duration; statements_done, statements_total,
/// statements_undone; undone_checksum, statement_begun. The tables of earlier versions lack those
/// behind a semicolon, and are given them.
class VersionTable {
public:
  /// Finds the table by the search path, or where it would be made. Changes nothing.
  /// Errors: Error{configuration}: it is another tool's, or the search path names no schema.
  [[nodiscard]] static boost::asio::awaitable<VersionTable> find(pg::Session& session,
                                                                 const std::string& name,
                                                                 Deadline deadline);

  /// By version; empty where there is no table.
  [[nodiscard]] boost::asio::awaitable<std::vector<AppliedMigration>> list(pg::Session& session,
                                                                           Deadline deadline) const;
  /// Creates the table, or gives one of an earlier Loci its columns.
  [[nodiscard]] boost::asio::awaitable<void> make(pg::Lease& lease, Deadline deadline);

  /// Writes the row; what it took before adds up while it was partial.
  [[nodiscard]] boost::asio::awaitable<void> write(pg::Session& session,
                                                   const AppliedMigration& row,
                                                   std::chrono::microseconds took,
                                                   Deadline deadline) const;
  /// `row.undone` statements of its way down are done, and none that was begun is open.
  [[nodiscard]] boost::asio::awaitable<void> write_undone(pg::Session& session,
                                                          const AppliedMigration& row,
                                                          Deadline deadline) const;
  /// The next statement is about to run outside a transaction, or had no effect.
  [[nodiscard]] boost::asio::awaitable<void> write_begun(pg::Session& session, std::int64_t version,
                                                         bool begun, Deadline deadline) const;
  [[nodiscard]] boost::asio::awaitable<void> erase(pg::Session& session, std::int64_t version,
                                                   Deadline deadline) const;

private:
  enum class Shape : std::uint8_t { absent, first, counting, current };
  VersionTable(std::string table, Shape shape) : table_(std::move(table)), shape_(shape) {}

  std::string table_;  // with its schema, quoted
  Shape shape_;
};

}  // namespace loci::schema
