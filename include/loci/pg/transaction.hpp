#pragma once
#include <loci/pg/pool.hpp>

#include <cstdint>
#include <string_view>

namespace loci::pg {

enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

struct TransactionOptions {
  Isolation isolation = Isolation::read_committed;
  bool read_only = false;
};

/// A transaction on a connection of its own. BEGIN travels with the first statement, so it costs no
/// round trip of its own. Destroyed without commit(), it is rolled back in the background before
/// the connection is used again.
///
/// One coroutine at a time. After an error the server refuses every statement but rollback().
class Transaction final : public Session {
public:
  [[nodiscard]] static boost::asio::awaitable<Transaction> begin(Pool& pool,
                                                                 TransactionOptions options,
                                                                 Deadline deadline);
  Transaction(Lease lease, TransactionOptions options);
  Transaction(Transaction&&) noexcept = default;
  Transaction& operator=(Transaction&&) noexcept = default;
  ~Transaction() override = default;  // the lease knows that a transaction is open

  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;

  /// Errors: as any statement; additionally outcome_unknown() when the connection ended, or did not
  /// answer by the deadline, after COMMIT was sent. COMMIT is never cancelled.
  /// A transaction whose statement failed throws Error{server} 25P02 here and is rolled back.
  [[nodiscard]] boost::asio::awaitable<void> commit(Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<void> rollback(Deadline deadline);

  [[nodiscard]] Lease& lease() noexcept { return lease_; }

private:
  enum class Phase : std::uint8_t { unsent, open, over };
  boost::asio::awaitable<void> control(std::string_view name, std::string_view sql,
                                       Deadline deadline, bool never_cancel);
  Lease lease_;
  TransactionOptions options_;
  Phase phase_ = Phase::unsent;
};

}  // namespace loci::pg
