#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/savepoint.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace loci::pg {

enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

struct TransactionOptions {
  Isolation isolation = Isolation::read_committed;
  bool read_only = false;
  /// A serializable, read-only transaction waits at its start for a moment when it cannot fail for
  /// a conflict, and then costs nothing; with other modes it has no effect.
  bool deferrable = false;
};

/// A transaction on a connection of its own. BEGIN travels with the first statement, so it costs no
/// round trip of its own. Destroyed without commit(), it is rolled back in the background before
/// the connection is used again.
///
/// One coroutine at a time. After an error the server refuses every statement but rollback(). When
/// the connection ends before COMMIT was sent the transaction is undone, so outcome_unknown() is
/// false; it may be true for a statement whose text might itself end the transaction (one that
/// begins with the letter of COMMIT, END or PREPARE).
class Transaction final : public Session {
public:
  [[nodiscard]] static boost::asio::awaitable<Transaction> begin(Pool& pool,
                                                                 TransactionOptions options,
                                                                 Deadline deadline);
  Transaction(Lease lease, TransactionOptions options);
  Transaction(Transaction&&) noexcept = default;
  Transaction& operator=(Transaction&& other) noexcept;
  ~Transaction() override;

  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;
  boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, CopySource next,
                                                Deadline deadline) override;

  /// Errors: as any statement; additionally outcome_unknown() when the connection ended, or did not
  /// answer by the deadline, after COMMIT was sent. COMMIT is never cancelled.
  /// A transaction whose statement failed throws Error{server} 25P02 here and is rolled back.
  [[nodiscard]] boost::asio::awaitable<void> commit(Deadline deadline);

  /// Runs the transaction's last queries (perhaps its only ones) and COMMIT in one round trip, and
  /// gives a tuple of their outcomes. The server commits only when every query succeeded; else the
  /// transaction is rolled back and the first error is thrown.
  /// Errors: as commit(). From when COMMIT is sent on nothing of it is cancelled, so at the
  /// deadline the outcome is unknown, while after a failure that the server told it is known.
  template <Query... Qs>
  [[nodiscard]] boost::asio::awaitable<std::tuple<OutcomeOf<Qs>...>> commit_with(Deadline deadline,
                                                                                 Qs... queries) {
    std::vector<Request> requests;
    requests.reserve(sizeof...(Qs) + 1);
    (requests.push_back(request(queries)), ...);
    const std::vector<Result> results = co_await execute_and_commit(std::move(requests), deadline);
    co_return unpack<Qs...>(results, std::index_sequence_for<Qs...>());
  }
  /// What commit_with() stands on: one result for each request, none of them failed.
  [[nodiscard]] boost::asio::awaitable<std::vector<Result>> execute_and_commit(
      std::vector<Request> requests, Deadline deadline);

  [[nodiscard]] boost::asio::awaitable<void> rollback(Deadline deadline);

  /// A part that can be undone by itself: a savepoint.
  [[nodiscard]] boost::asio::awaitable<Savepoint> nested(Deadline deadline);

  [[nodiscard]] bool over() const noexcept;         ///< Committed, rolled back, or tried to be.
  [[nodiscard]] std::uint64_t id() const noexcept;  ///< Of our own; its log lines carry it.
  [[nodiscard]] int server_pid() const noexcept;    ///< Of the process that runs it.
  [[nodiscard]] Lease& lease() noexcept;            ///< For COPY and streams inside it.

private:
  void abandon() noexcept;
  std::shared_ptr<TransactionState> state_;  // shared with its savepoints
};

}  // namespace loci::pg
