#pragma once
#include <loci/pg/pool.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loci::schema {

/// One step of the schema: `NNNN_name.up.sql` and, if it can be undone, `NNNN_name.down.sql`.
struct Migration {
  std::int64_t version = 0;
  std::string name;
  std::string up;
  std::string down;      ///< Empty: cannot be undone.
  std::string checksum;  ///< 32 hex digits over `up`, line ends normalised.
};

/// The migrations built into this library, in order: Loci's own schema.
[[nodiscard]] const std::vector<Migration>& built_in_migrations();

/// Reads a folder. Errors: Error{io} when it cannot be read; Error{configuration} naming the file
/// for a name that does not fit, a version twice, a .down without its .up.
[[nodiscard]] std::vector<Migration> load_migrations(const std::filesystem::path& folder);

struct MigrationStatus {
  std::int64_t version = 0;
  std::string name;
  enum class State : std::uint8_t {
    pending,
    applied,
    changed,  ///< Applied, and the file differs from what was applied.
    unknown,  ///< Applied, and there is no file for it: an older program on a newer database.
  } state = State::pending;
  std::optional<Timestamp> applied_at;
};

/// Brings a database to a version, each step in a transaction, under an advisory lock so that only
/// one process migrates at a time. Works on one connection of `pool`.
///
/// Errors: server (the step that failed is named, and nothing of it stays), configuration (an
/// applied step was changed, or is unknown here), timeout (another process holds the lock).
class Migrator {
public:
  Migrator(pg::Pool& pool, std::vector<Migration> migrations);

  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStatus>> status(Deadline deadline);
  /// Applies what is pending; gives what it applied.
  [[nodiscard]] boost::asio::awaitable<std::vector<Migration>> up(Deadline deadline);
  /// Undoes the newest `count` steps; gives what it undid.
  [[nodiscard]] boost::asio::awaitable<std::vector<Migration>> down(int count, Deadline deadline);

private:
  pg::Pool& pool_;
  std::vector<Migration> migrations_;
};

}  // namespace loci::schema
