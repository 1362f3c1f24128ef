#include "pg/pool_state.hpp"

#include <loci/base/log.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr auto k_rollback_time = std::chrono::seconds(5);
constexpr auto k_reconnect_pause = std::chrono::milliseconds(200);

const PoolOptions& checked(const PoolOptions& options) {
  if (options.max_connections < 1 || options.min_connections < 0 ||
      options.min_connections > options.max_connections) {
    throw Error(ErrorKind::configuration,
                "a pool needs 1 <= max_connections and 0 <= min_connections <= max_connections");
  }
  return options;
}

}  // namespace

PoolState::PoolState(asio::any_io_executor executor, PoolOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      core_(checked(options_).max_connections, options_.min_connections) {}

asio::awaitable<Lease> PoolState::acquire(std::shared_ptr<PoolState> self, Deadline deadline) {
  const auto patience = self->options_.acquire_timeout;
  const Deadline until =
      patience.count() > 0 ? deadline.sooner(Deadline::after(patience)) : deadline;
  std::optional<Lease> lease =
      co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, std::optional<Lease>)>(
          [self, until](auto handler) { self->enqueue(Handler(std::move(handler)), until); },
          asio::use_awaitable);
  co_return std::move(*lease);
}

void PoolState::enqueue(Handler handler, Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (core_.closed()) {
    lock.unlock();
    fail(std::move(handler), Error(ErrorKind::closed, "the pool is closed"));
    return;
  }
  const PoolCore::Waiter waiter = next_waiter_++;
  while (core_.acquire(waiter)) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->quiet()) {
      waiting_.emplace(waiter, Waiting{std::move(handler), nullptr});
      hand_over(waiter, std::move(connection), std::move(lock));
      return;
    }
    // The server ended it while it was idle.
    core_.lease_lost();
    ++counters_.retired;
    Connection::end_later(std::move(connection));
  }
  Waiting waiting{std::move(handler), nullptr};
  auto slot = asio::get_associated_cancellation_slot(waiting.handler);
  if (slot.is_connected()) {
    slot.assign([weak = weak_from_this(), waiter](asio::cancellation_type) {
      if (const auto self = weak.lock()) self->give_up(waiter, ErrorKind::cancelled);
    });
  }
  if (!deadline.is_never()) {
    waiting.timer = std::make_unique<asio::steady_timer>(executor_, deadline.at());
    waiting.timer->async_wait(
        [weak = weak_from_this(), waiter](const boost::system::error_code& error) {
          if (error) return;
          if (const auto self = weak.lock()) self->give_up(waiter, ErrorKind::pool_timeout);
        });
  }
  waiting_.emplace(waiter, std::move(waiting));
  lock.unlock();
  open_more();
  if (on_starved_) on_starved_();
}

void PoolState::give_up(PoolCore::Waiter waiter, ErrorKind why) {
  std::unique_lock lock(mutex_);
  if (!core_.forget(waiter)) return;  // it was served in the meantime
  auto node = waiting_.extract(waiter);
  std::string text = why == ErrorKind::cancelled
                         ? std::string("cancelled while waiting for a connection")
                         : "no connection became free in time (" + std::to_string(core_.leased()) +
                               " of " + std::to_string(options_.max_connections) + " are in use)";
  if (why == ErrorKind::pool_timeout) {
    ++counters_.timed_out;
    if (!last_connect_error_.empty()) text += "; last connect error: " + last_connect_error_;
  }
  lock.unlock();
  fail(std::move(node.mapped().handler), Error(why, text));
}

void PoolState::open_more() {
  int more = 0;
  {
    const std::scoped_lock lock(mutex_);
    more = core_.open_more();
  }
  for (; more > 0; --more) {
    asio::co_spawn(executor_, open_one(shared_from_this()), asio::detached);
  }
}

asio::awaitable<void> PoolState::open_one(std::shared_ptr<PoolState> self) {
  std::unique_ptr<Connection> connection;
  std::optional<Error> failure;
  try {
    const auto patience = self->options_.connect_timeout;
    connection = co_await Connection::open(
        self->executor_,
        {.conninfo = self->options_.conninfo,
         .settings = self->options_.settings,
         .statement_cache = self->options_.statement_cache,
         .pgbouncer = self->options_.pgbouncer},
        self->types_, patience.count() > 0 ? Deadline::after(patience) : Deadline::never());
  } catch (const Error& error) {
    failure = error.kind() == ErrorKind::timeout ? Error(ErrorKind::connect, error.what()) : error;
  } catch (const std::exception& error) {
    failure = Error(ErrorKind::connect, error.what());
  }
  if (failure) {
    self->open_failed(*failure);
  } else {
    self->opened(std::move(connection));
  }
}

void PoolState::opened(std::unique_ptr<Connection> connection) {
  std::unique_lock lock(mutex_);
  last_connect_error_.clear();
  if (core_.closed()) {
    core_.open_failed();
    lock.unlock();
    Connection::end_later(std::move(connection));
    return;
  }
  if (const auto waiter = core_.opened()) {
    hand_over(*waiter, std::move(connection), std::move(lock));
  } else {
    idle_.push_back(std::move(connection));
  }
}

void PoolState::open_failed(const Error& error) {
  std::unique_lock lock(mutex_);
  ++counters_.connect_errors;
  last_connect_error_ = error.what();
  core_.open_failed();
  // With connections out, one may yet come back to those who wait; with none, nobody can be served.
  std::vector<Handler> refused;
  if (core_.total() == 0) {
    while (const auto waiter = core_.drop_oldest()) {
      refused.push_back(std::move(waiting_.extract(*waiter).mapped().handler));
    }
  }
  const bool again = core_.waiting() > 0 && !std::exchange(opening_later_, true);
  lock.unlock();
  log::warn(std::string("pool_connect_failed error=\"") + error.what() + "\"");
  for (Handler& handler : refused) fail(std::move(handler), error);
  if (again) asio::co_spawn(executor_, open_more_later(shared_from_this()), asio::detached);
}

asio::awaitable<void> PoolState::open_more_later(std::shared_ptr<PoolState> self) {
  asio::steady_timer pause(self->executor_, k_reconnect_pause);
  co_await pause.async_wait(asio::use_awaitable);
  {
    const std::scoped_lock lock(self->mutex_);
    self->opening_later_ = false;
  }
  self->open_more();
}

void PoolState::hand_over(PoolCore::Waiter waiter, std::unique_ptr<Connection> connection,
                          std::unique_lock<std::mutex> lock) {
  Waiting waiting = std::move(waiting_.extract(waiter).mapped());
  ++counters_.acquired;
  lock.unlock();
  // The lease is made here, so that a caller who is gone by now still gives the connection back.
  complete(std::move(waiting.handler), nullptr,
           std::make_optional<Lease>(shared_from_this(), std::move(connection)));
}

void PoolState::fail(Handler handler, Error error) {
  complete(std::move(handler), std::make_exception_ptr(std::move(error)), std::nullopt);
}

// Never from inside the caller's own call: a chain of hand-overs would grow the stack.
void PoolState::complete(Handler handler, std::exception_ptr thrown, std::optional<Lease> lease) {
  asio::post(executor_, [handler = std::move(handler), thrown = std::move(thrown),
                         lease = std::move(lease)]() mutable {
    const auto executor = asio::get_associated_executor(handler);
    asio::dispatch(executor, [handler = std::move(handler), thrown = std::move(thrown),
                              lease = std::move(lease)]() mutable {
      std::move(handler)(std::move(thrown), std::move(lease));
    });
  });
}

void PoolState::give_back(std::unique_ptr<Connection> connection) {
  std::unique_lock lock(mutex_);
  const bool closed = core_.closed();
  if (!closed && connection->clean()) {
    if (const auto waiter = core_.returned()) {
      hand_over(*waiter, std::move(connection), std::move(lock));
    } else {
      idle_.push_back(std::move(connection));
    }
    return;
  }
  // Still counted as leased while its transaction is rolled back or its statement stopped.
  const bool abandoned = !closed && connection->usable();
  if (!closed && !abandoned) ++counters_.retired;
  lock.unlock();
  auto work = abandoned ? roll_back(shared_from_this(), std::move(connection))
                        : end(shared_from_this(), std::move(connection));
  asio::co_spawn(executor_, std::move(work), asio::detached);
}

asio::awaitable<void> PoolState::end(std::shared_ptr<PoolState> self,
                                     std::unique_ptr<Connection> connection) {
  co_await Connection::end(std::move(connection));
  {
    const std::scoped_lock lock(self->mutex_);
    self->core_.lease_lost();
  }
  self->open_more();
}

asio::awaitable<void> PoolState::roll_back(std::shared_ptr<PoolState> self,
                                           std::unique_ptr<Connection> connection) {
  try {
    std::vector<Request> requests(1);
    requests[0].statement = {.name = "Rollback", .sql = "rollback", .lane = Lane::exclusive};
    ExecuteOptions options;
    options.unprepared = true;
    (void)co_await connection->execute(std::move(requests), Deadline::after(k_rollback_time),
                                       std::move(options));
  } catch (const std::exception& error) {
    log::warn(std::string("abandoned_transaction_not_rolled_back error=\"") + error.what() + "\"");
  }
  if (!connection->clean()) connection->abandon();
  self->give_back(std::move(connection));
}

PoolStatistics PoolState::statistics() const {
  const std::scoped_lock lock(mutex_);
  PoolStatistics now = counters_;
  now.open = core_.idle() + core_.leased();
  now.idle = core_.idle();
  now.opening = core_.opening();
  now.waiting = core_.waiting();
  return now;
}

void PoolState::close() {
  std::unique_lock lock(mutex_);
  core_.close();
  std::vector<std::unique_ptr<Connection>> idle = std::move(idle_);
  idle_.clear();
  for (std::size_t i = 0; i < idle.size(); ++i) core_.idle_lost();
  std::vector<Handler> refused;
  while (const auto waiter = core_.drop_oldest()) {
    refused.push_back(std::move(waiting_.extract(*waiter).mapped().handler));
  }
  lock.unlock();
  for (Handler& handler : refused)
    fail(std::move(handler), Error(ErrorKind::closed, "the pool is closed"));
  for (auto& connection : idle) Connection::end_later(std::move(connection));
}

}  // namespace loci::pg
