#pragma once
#include <loci/pg/session.hpp>

#include <cstdint>
#include <memory>

namespace loci::pg {

struct TransactionState;

/// A part of a transaction that can be undone by itself, made by nested(). Destroyed without
/// release() it is undone before the transaction's next statement. Move only.
///
/// Parts end in the order opposite to that in which they began: while one is open, whatever
/// contains it (the transaction, or an outer part) takes no statement and cannot be released or
/// committed: Error{invalid_argument}. One coroutine at a time for the whole transaction.
/// Errors, of every call: as a transaction's; closed when it, or what contains it, is over.
class Savepoint final : public Session {
public:
  Savepoint(std::shared_ptr<TransactionState> state, std::uint64_t serial);
  Savepoint(Savepoint&&) noexcept = default;
  Savepoint& operator=(Savepoint&& other) noexcept;
  ~Savepoint() override;

  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;
  boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, CopySource next,
                                                Deadline deadline) override;

  /// A part within this one.
  [[nodiscard]] boost::asio::awaitable<Savepoint> nested(Deadline deadline);

  /// Makes what was done the containing part's own, which may still undo it. When one of its
  /// statements failed, all of it is undone and Error{server} 25P02 is thrown; the containing part
  /// goes on.
  [[nodiscard]] boost::asio::awaitable<void> release(Deadline deadline);

  /// Undoes what was done, failed statements included; the containing part goes on.
  [[nodiscard]] boost::asio::awaitable<void> rollback(Deadline deadline);

private:
  void abandon() noexcept;
  std::shared_ptr<TransactionState> state_;  // outlives the Transaction object, but not its end
  std::uint64_t serial_;
};

}  // namespace loci::pg
