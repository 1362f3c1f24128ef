#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/pool.hpp>

#include <functional>
#include <string>

namespace loci::schema {

/// One connection for one run of the migrator, which alone has the lock.
///
/// It is closed when the object goes, whatever happened: with it go the lock, an open transaction
/// and what migrations set in the session.
class MigrationSession {
public:
  /// Leases a connection, makes sure that it leads straight to a primary, and takes the lock.
  /// Errors: configuration, timeout (saying which process holds the lock), and a pool's.
  /// `on_wait` is told once who holds the lock, when a second of waiting is over.
  [[nodiscard]] static boost::asio::awaitable<MigrationSession> open(
      pg::Pool& pool, std::function<void(const std::string& holder)> on_wait, Deadline deadline);
  MigrationSession(MigrationSession&&) noexcept = default;
  MigrationSession& operator=(MigrationSession&&) = delete;
  ~MigrationSession();

  [[nodiscard]] pg::Lease& lease() noexcept { return *lease_; }

  /// Settings as they were at the beginning: a migration may have left others. May be called in a
  /// transaction.
  [[nodiscard]] boost::asio::awaitable<void> reset(Deadline deadline);
  /// Lets the lock go at once, rather than when the server notices that the connection is closed.
  /// Does not throw.
  [[nodiscard]] boost::asio::awaitable<void> release();

private:
  explicit MigrationSession(pg::Lease lease);
  [[nodiscard]] boost::asio::awaitable<void> watch_client(Deadline deadline);

  std::unique_ptr<pg::Lease> lease_;
  bool watches_client_ = false;
};

}  // namespace loci::schema
