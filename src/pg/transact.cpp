#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <loci/pg/transact.hpp>

#include <utility>

#include "pg/in_own_words.hpp"
#include "pg/retry_pause.hpp"

namespace loci::pg::detail {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// A rollback may take this long even when the caller's time is up.
constexpr auto k_rollback_time = 5s;

bool retryable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.retryable();
  } catch (...) {
    return false;
  }
}

constexpr Statement k_process_ended{
    .name = "ProcessEnded",
    .sql = "select not exists (select from pg_catalog.pg_stat_activity where pid = $1)",
    .lane = Lane::shared};

// A first look that finds the process gone, then one for the row: in the other order it might
// commit and end between the two.
std::vector<Request> resolving(const Request& key_query, int server_pid) {
  std::vector<Request> requests;
  requests.push_back({k_process_ended, {}});
  requests.back().params.add<type::Int4>(server_pid);
  requests.push_back(key_query);
  return requests;
}

}  // namespace

struct Attempts::State {
  Deadline deadline;
  RetryPause pause{4ms, 1s};
};

Attempts::Attempts(Deadline deadline) : state_(std::make_unique<State>(State{deadline})) {}
Attempts::~Attempts() = default;
Attempts::Attempts(Attempts&&) noexcept = default;
Attempts& Attempts::operator=(Attempts&&) noexcept = default;

void give_up(const std::exception_ptr& failure) {
  if (retryable(failure)) throw Error(ErrorKind::cancelled, "cancelled before it was tried again");
  rethrow_in_own_words(failure);
}

asio::awaitable<void> Attempts::again(Transaction transaction, std::exception_ptr failure) {
  return in_own_words(again_here(std::move(transaction), std::move(failure)));
}

asio::awaitable<void> Attempts::again_here(Transaction transaction, std::exception_ptr failure) {
  if (!transaction.over()) {
    try {
      co_await transaction.rollback(Deadline::after(k_rollback_time));
    } catch (const std::exception& error) {  // the lease's end does it then
      log::debug(std::string("rollback_left_to_the_pool error=\"") + error.what() + "\"");
    }
  }
  {
    const Transaction ended = std::move(transaction);
  }  // its connection serves others meanwhile
  const bool again =
      retryable(failure) && co_await pause_for(state_->pause.next(), state_->deadline);
  if (!again) std::rethrow_exception(failure);
}

namespace {

asio::awaitable<bool> resolve_here(Pool& pool, Request key_query, int server_pid,
                                   Deadline deadline) {
  RetryPause pause(10ms, 500ms);
  do {
    try {
      const std::vector<Result> results =
          co_await pool.execute(resolving(key_query, server_pid), deadline);
      for (const Result& result : results) result.check();
      if (results[1].rows() != 0) co_return true;
      if (results[0].row(0).get<type::Bool>(0)) co_return false;
    } catch (const Error& error) {
      const bool passing = error.connection_lost() || error.kind() == ErrorKind::connect ||
                           error.kind() == ErrorKind::timeout ||
                           error.kind() == ErrorKind::pool_timeout;
      if (!passing) throw;
    }
  } while (co_await pause_for(pause.next(), deadline));
  throw Error(ErrorKind::timeout,
              "it could not be told by the deadline whether the transaction was committed")
      .with_unknown_outcome();
}

}  // namespace

asio::awaitable<bool> resolve(Pool& pool, Request key_query, int server_pid, Deadline deadline) {
  return in_own_words(resolve_here(pool, std::move(key_query), server_pid, deadline));
}

}  // namespace loci::pg::detail
