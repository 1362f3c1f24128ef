#pragma once
#include <loci/pg/transaction.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"

namespace loci::pg {

/// What a transaction and the savepoints in it share. One coroutine at a time.
struct TransactionState {
  enum class Phase : std::uint8_t { unsent, open, over };

  TransactionState(Lease mine, TransactionOptions chosen);
  ~TransactionState();
  TransactionState(const TransactionState&) = delete;
  TransactionState& operator=(const TransactionState&) = delete;

  /// Makes BEGIN ride along when it has not been sent, and first undoes what was abandoned.
  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline);
  /// Sends BEGIN by itself when it has not been sent: COPY takes no company.
  boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, Session::CopySource next,
                                                Deadline deadline);
  boost::asio::awaitable<std::vector<Result>> execute_and_commit(std::vector<Request> requests,
                                                                 Deadline deadline);
  boost::asio::awaitable<void> commit(Deadline deadline);
  boost::asio::awaitable<void> rollback(Deadline deadline);

  /// Sets a savepoint and gives its serial number.
  boost::asio::awaitable<std::uint64_t> set_savepoint(Deadline deadline);
  boost::asio::awaitable<void> release(std::uint64_t savepoint, Deadline deadline);
  boost::asio::awaitable<void> undo(std::uint64_t savepoint, Deadline deadline);
  void abandon(std::uint64_t savepoint) noexcept;

  /// `part` is the innermost open part: a savepoint's serial number, or 0 for the transaction.
  /// Errors: closed; invalid_argument when a part within it is open.
  void require_innermost(std::uint64_t part) const;

  /// Ends it; the log says how.
  void finish(std::string_view outcome) noexcept;

  Connection& connection() { return lease.connection(); }

  Lease lease;
  const TransactionOptions options;
  const std::uint64_t id;  // of our own, in the log
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  Phase phase = Phase::unsent;
  std::vector<std::uint64_t> savepoints;   // open ones, the innermost last
  std::optional<std::uint64_t> abandoned;  // the outermost of those still to be undone
  std::uint64_t last_serial = 0;

private:
  [[nodiscard]] std::string missing_begin();
  boost::asio::awaitable<void> control(std::string_view name, std::string sql, Deadline deadline,
                                       bool commits);
  boost::asio::awaitable<void> roll_back_quietly(Deadline deadline);
  boost::asio::awaitable<void> undo_abandoned(Deadline deadline);
};

}  // namespace loci::pg
