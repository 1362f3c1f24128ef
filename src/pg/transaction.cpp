#include <loci/pg/transaction.hpp>

#include <utility>

#include "pg/transaction_state.hpp"

namespace loci::pg {

namespace asio = boost::asio;

asio::awaitable<Transaction> Transaction::begin(Pool& pool, TransactionOptions options,
                                                Deadline deadline) {
  co_return Transaction(co_await pool.acquire(deadline), options);
}

Transaction::Transaction(Lease lease, TransactionOptions options)
    : state_(std::make_shared<TransactionState>(std::move(lease), options)) {}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this != &other) {
    abandon();
    state_ = std::move(other.state_);
  }
  return *this;
}

Transaction::~Transaction() {
  abandon();
}

// Savepoints may still hold the state, but the connection goes back now.
void Transaction::abandon() noexcept {
  if (!state_) return;
  state_->finish("abandoned");
  const Lease back = std::move(state_->lease);
}

asio::awaitable<std::vector<Result>> Transaction::execute(std::vector<Request> requests,
                                                          Deadline deadline) {
  state_->require_innermost(0);
  co_return co_await state_->execute(std::move(requests), deadline);
}

asio::awaitable<std::uint64_t> Transaction::copy_in(std::string sql, CopySource next,
                                                    Deadline deadline) {
  state_->require_innermost(0);
  co_return co_await state_->copy_in(std::move(sql), std::move(next), deadline);
}

asio::awaitable<std::vector<Result>> Transaction::execute_and_commit(std::vector<Request> requests,
                                                                     Deadline deadline) {
  state_->require_innermost(0);
  co_return co_await state_->execute_and_commit(std::move(requests), deadline);
}

asio::awaitable<Savepoint> Transaction::nested(Deadline deadline) {
  state_->require_innermost(0);
  co_return Savepoint(state_, co_await state_->set_savepoint(deadline));
}

asio::awaitable<void> Transaction::commit(Deadline deadline) {
  state_->require_innermost(0);
  co_await state_->commit(deadline);
}

asio::awaitable<void> Transaction::rollback(Deadline deadline) {
  return state_->rollback(deadline);
}

bool Transaction::over() const noexcept {
  return state_->phase == TransactionState::Phase::over;
}

std::uint64_t Transaction::id() const noexcept {
  return state_->id;
}

int Transaction::server_pid() const noexcept {
  return state_->lease.connection().server_pid();
}

Lease& Transaction::lease() noexcept {
  return state_->lease;
}

}  // namespace loci::pg
