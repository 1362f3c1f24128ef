#pragma once
#include <loci/pg/transaction.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace loci::pg {

namespace detail {

/// The pauses between the attempts of transact().
class Attempts {
public:
  explicit Attempts(Deadline deadline);
  ~Attempts();
  Attempts(Attempts&&) noexcept;
  Attempts& operator=(Attempts&&) noexcept;

  /// Undoes what the failed attempt did; then waits, or throws `failure` when it is not
  /// retryable() or the time is up.
  boost::asio::awaitable<void> again(Transaction transaction, std::exception_ptr failure);

private:
  struct State;
  boost::asio::awaitable<void> again_here(Transaction transaction, std::exception_ptr failure);
  std::unique_ptr<State> state_;
};

/// Throws it, but Error{cancelled} for Asio's own word of it and for what would be tried again.
[[noreturn]] void give_up(const std::exception_ptr& failure);

template <class Awaitable>
struct Awaited;
template <class T, class Executor>
struct Awaited<boost::asio::awaitable<T, Executor>> {
  using Type = T;
};

/// Whether a row with the caller's key is there; waits while the server's process `server_pid`
/// lives, for that may still commit.
boost::asio::awaitable<bool> resolve(Pool& pool, Request key_query, int server_pid,
                                     Deadline deadline);

}  // namespace detail

/// Runs `body(Transaction&)`, a coroutine, in a transaction and commits; gives what it gives.
///
/// When the server ends an attempt for a conflict (40001, 40P01) everything is rolled back and body
/// runs again from its beginning, after a short random pause, until the deadline: so it must have
/// no effects besides those in the transaction. Any other exception rolls back and is thrown. The
/// body may commit by itself as its last act, with commit_with().
/// Errors: as Transaction. One with outcome_unknown() is never retried: see resolve(). When the
/// caller is cancelled (Error{cancelled}), the rollback is left to the pool.
template <class Body>
[[nodiscard]] auto transact(Pool& pool, TransactionOptions options, Deadline deadline, Body body)
    -> std::invoke_result_t<Body&, Transaction&> {
  using Value = typename detail::Awaited<std::invoke_result_t<Body&, Transaction&>>::Type;
  detail::Attempts attempts(deadline);
  for (;;) {
    std::optional<Transaction> transaction;
    std::exception_ptr failure;
    try {
      transaction.emplace(co_await Transaction::begin(pool, options, deadline));
      if constexpr (std::is_void_v<Value>) {
        co_await body(*transaction);
        if (!transaction->over()) co_await transaction->commit(deadline);
        co_return;
      } else {
        Value value = co_await body(*transaction);
        if (!transaction->over()) co_await transaction->commit(deadline);
        co_return value;
      }
    } catch (...) {
      failure = std::current_exception();
    }
    const auto caller = co_await boost::asio::this_coro::cancellation_state;
    const bool cancelled = caller.cancelled() != boost::asio::cancellation_type::none;
    if (cancelled || !transaction) detail::give_up(failure);
    co_await attempts.again(*std::move(transaction), std::move(failure));
  }
}

/// Finds out what became of a transaction whose commit threw an error with outcome_unknown(): true
/// when it was committed, false when it was rolled back, never a guess.
///
/// `key_query` asks for a row that exists only when the transaction was committed, by a key that
/// nobody else writes (an id made by the client): committed when it gives a row. That there is none
/// counts only once the server's process that ran the transaction, `server_pid`
/// (Transaction::server_pid(), taken before), has ended, for until then it may still commit.
/// Connections that fail are tried again until the deadline.
/// Errors: timeout, marked outcome_unknown(), when it cannot be told by the deadline; server.
/// Not for a server behind PgBouncer, which hides the process.
template <Query Q>
[[nodiscard]] boost::asio::awaitable<bool> resolve(Pool& pool, Q key_query, int server_pid,
                                                   Deadline deadline) {
  static_assert(Q::cardinality == Cardinality::one || Q::cardinality == Cardinality::many);
  Request request{Q::statement, {}};
  key_query.bind(request.params);
  return detail::resolve(pool, std::move(request), server_pid, deadline);
}

}  // namespace loci::pg
