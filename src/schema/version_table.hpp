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

  [[nodiscard]] bool repeatable() const noexcept { return version < 0; }
  [[nodiscard]] bool partial() const noexcept { return undone || done < total; }
};

/// The table in which a database keeps what was applied to it:
/// version, name, checksum, applied_at, duration, statements_done, statements_total,
/// statements_undone. Those made by Loci before 0.2 lack the last three.
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
  [[nodiscard]] boost::asio::awaitable<void> write_undone(pg::Session& session,
                                                          std::int64_t version, int statements,
                                                          Deadline deadline) const;
  [[nodiscard]] boost::asio::awaitable<void> erase(pg::Session& session, std::int64_t version,
                                                   Deadline deadline) const;

private:
  enum class Shape : std::uint8_t { absent, early, current };
  VersionTable(std::string table, Shape shape) : table_(std::move(table)), shape_(shape) {}

  std::string table_;  // with its schema, quoted
  Shape shape_;
};

}  // namespace loci::schema
