#include <loci/pg/savepoint.hpp>

#include <utility>

#include "pg/transaction_state.hpp"

namespace loci::pg {

namespace asio = boost::asio;

Savepoint::Savepoint(std::shared_ptr<TransactionState> state, std::uint64_t serial)
    : state_(std::move(state)), serial_(serial) {}

Savepoint& Savepoint::operator=(Savepoint&& other) noexcept {
  if (this != &other) {
    abandon();
    state_ = std::move(other.state_);
    serial_ = other.serial_;
  }
  return *this;
}

Savepoint::~Savepoint() {
  abandon();
}

void Savepoint::abandon() noexcept {
  if (state_) state_->abandon(serial_);
}

asio::awaitable<std::vector<Result>> Savepoint::execute(std::vector<Request> requests,
                                                        Deadline deadline) {
  state_->require_innermost(serial_);
  co_return co_await state_->execute(std::move(requests), deadline);
}

asio::awaitable<std::uint64_t> Savepoint::copy_in(std::string sql, CopySource next,
                                                  Deadline deadline) {
  state_->require_innermost(serial_);
  co_return co_await state_->copy_in(std::move(sql), std::move(next), deadline);
}

asio::awaitable<Savepoint> Savepoint::nested(Deadline deadline) {
  state_->require_innermost(serial_);
  co_return Savepoint(state_, co_await state_->set_savepoint(deadline));
}

asio::awaitable<void> Savepoint::release(Deadline deadline) {
  state_->require_innermost(serial_);
  co_await state_->release(serial_, deadline);
}

asio::awaitable<void> Savepoint::rollback(Deadline deadline) {
  state_->require_innermost(serial_);
  co_await state_->undo(serial_, deadline);
}

}  // namespace loci::pg
