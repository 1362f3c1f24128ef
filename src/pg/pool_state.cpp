// Who waits for a connection, and who gets it.
#include "pg/pool_state.hpp"

#include <algorithm>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr int k_min_connections = 5;

int min_connections(const PoolOptions& options) {
  return options.min_connections.value_or(std::min(k_min_connections, options.max_connections));
}

PoolCore::Limits limits(const PoolOptions& options) {
  const int min = min_connections(options);
  if (options.max_connections < 1 || options.max_connecting < 1 || min < 0 ||
      min > options.max_connections) {
    throw Error(ErrorKind::configuration,
                "a pool needs 1 <= max_connections, 1 <= max_connecting and "
                "0 <= min_connections <= max_connections");
  }
  if (options.max_lifetime_jitter && options.max_lifetime.count() > 0 &&
      (options.max_lifetime_jitter->count() < 0 ||
       *options.max_lifetime_jitter > options.max_lifetime)) {
    throw Error(ErrorKind::configuration, "a pool needs 0 <= max_lifetime_jitter <= max_lifetime");
  }
  return {.max = options.max_connections,
          .floor = options.start == PoolStart::eager ? min : 0,
          .connecting = options.max_connecting,
          .max_waiters = options.max_waiters};
}

}  // namespace

PoolState::PoolState(asio::any_io_executor executor, PoolOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      observer_(std::make_shared<Observer>(options_.observe)),
      auto_explain_(options_.auto_explain, options_.pgbouncer),
      core_(limits(options_)),
      shrink_(min_connections(options_)),
      backoff_(options_.reconnect_pause_cap),
      upkeep_timer_(executor_),
      reconnect_timer_(executor_) {}

void PoolState::start() {
  open_more();
  schedule_upkeep();
}

Deadline PoolState::patience(Deadline deadline) const {
  const auto most = options_.acquire_timeout;
  return most.count() > 0 ? deadline.sooner(Deadline::after(most)) : deadline;
}

asio::awaitable<Lease> PoolState::acquire(std::shared_ptr<PoolState> self, Deadline deadline) {
  self->refuse_when_full();
  const Deadline until = self->patience(deadline);
  std::optional<Lease> lease =
      co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, std::optional<Lease>)>(
          [self, until](auto handler) { self->enqueue(Handler(std::move(handler)), until); },
          asio::use_awaitable);
  co_return std::move(*lease);
}

asio::awaitable<void> PoolState::wait_closed(std::shared_ptr<PoolState> self, Deadline deadline) {
  (void)co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                      void(std::exception_ptr, std::optional<Lease>)>(
      [self, deadline](auto handler) {
        self->enqueue_for_close(Handler(std::move(handler)), deadline);
      },
      asio::use_awaitable);
}

void PoolState::enqueue(Handler handler, Deadline deadline) {
  const auto alive = shared_from_this();  // the caller may go on on another thread before we return
  std::unique_lock lock(mutex_);
  const PoolCore::Waiter waiter = next_waiter_++;
  PoolCore::Answer answer = PoolCore::Answer::refused;
  while (!core_.closed() && (answer = core_.acquire(waiter)) == PoolCore::Answer::take_idle) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    shrink_.needed(core_.leased());
    ++counters_.acquired;
    lock.unlock();
    const bool lives = connection->alive();
    if (lives && agrees(options_.hooks.before_hand_out, *connection)) {
      observer_->acquired({}, nullptr);
      connection->tenure().waited = {};
      lend(std::move(handler), std::move(connection));
      return;
    }
    retire(std::move(connection), lives ? &RetiredConnections::hook : &RetiredConnections::lost);
    lock.lock();
    --counters_.acquired;
  }
  if (core_.closed()) {
    lock.unlock();
    fail(std::move(handler), Error(ErrorKind::closed, "the pool is closed"));
    return;
  }
  if (answer == PoolCore::Answer::refused) {
    ++counters_.refused;
    lock.unlock();
    fail(std::move(handler), refused_error());
    return;
  }
  shrink_.needed(std::min(core_.leased() + core_.queued(), options_.max_connections));
  park(waiter, std::move(handler), deadline);
  lock.unlock();
  open_more();
  // Else the lane keeps its connections; open_failed() asks it again.
  if (has_starving() && on_starved_) on_starved_();
}

// Without a turn of the loop, which has enough to do when the pool is full.
void PoolState::refuse_when_full() {
  const std::scoped_lock lock(mutex_);
  if (core_.closed() || !core_.full()) return;
  ++counters_.refused;
  throw refused_error();
}

void PoolState::join_beside() {
  const std::scoped_lock lock(mutex_);
  if (core_.join_beside()) return;
  ++counters_.refused;
  throw refused_error();
}

void PoolState::leave_beside() {
  const std::scoped_lock lock(mutex_);
  core_.leave_beside();
}

Error PoolState::waited_beside_in_vain(Clock::duration wait) {
  std::unique_lock lock(mutex_);
  ++counters_.timed_out;
  Error error(ErrorKind::pool_timeout, timeout_text());
  lock.unlock();
  observer_->acquired(wait, &error);
  return error;
}

Error PoolState::refused_error() const {
  return Error(ErrorKind::pool_timeout, "refused at once: " + std::to_string(options_.max_waiters) +
                                            " callers are waiting for a connection already");
}

void PoolState::enqueue_for_close(Handler handler, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const PoolCore::Waiter waiter = next_waiter_++;
  closers_.push_back(waiter);
  park(waiter, std::move(handler), deadline);
  std::vector<Handler> done = take_closers();
  lock.unlock();
  for (Handler& each : done) complete(std::move(each), nullptr, std::nullopt);
}

void PoolState::park(PoolCore::Waiter waiter, Handler handler, Deadline deadline) {
  Waiting waiting{std::move(handler), Clock::now(), nullptr};
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
}

void PoolState::give_up(PoolCore::Waiter waiter, ErrorKind why) {
  std::unique_lock lock(mutex_);
  const bool closer = std::erase(closers_, waiter) == 1;
  if (!closer && !core_.forget(waiter)) return;  // it was served in the meantime
  auto node = waiting_.extract(waiter);
  std::string text =
      closer ? std::to_string(core_.total()) + " connections are not closed yet" : timeout_text();
  if (why == ErrorKind::cancelled) {
    text = closer ? "cancelled while waiting for the pool to close"
                  : "cancelled while waiting for a connection";
  } else if (closer) {
    why = ErrorKind::timeout;
  } else {
    ++counters_.timed_out;
  }
  lock.unlock();
  const Error error(why, text);
  if (!closer) observer_->acquired(Clock::now() - node.mapped().since, &error);
  fail(std::move(node.mapped().handler), error);
}

std::string PoolState::timeout_text() const {
  std::string text = "no connection became free in time (" + std::to_string(core_.leased()) +
                     " of " + std::to_string(options_.max_connections) + " are in use)";
  if (!last_connect_error_.empty()) text += "; last connect error: " + last_connect_error_;
  return text;
}

void PoolState::give_back(std::unique_ptr<Connection> connection) {
  const Fault fault = connection->fault();
  if (fault == Fault::leaving || fault == Fault::read_only || connection->role_changed()) {
    begin_epoch(&RetiredConnections::failover, connection->tenure().epoch);
  }
  if (connection->clean()) {
    const Clock::time_point now = Clock::now();
    connection->tenure().last_used = now;
    connection->tenure().proven = now;
    if (agrees(options_.hooks.after_return, *connection)) {
      offer(std::move(connection), now);
    } else {
      retire(std::move(connection), &RetiredConnections::hook);
    }
  } else if (connection->usable()) {
    // Still counted as leased while its transaction is rolled back.
    asio::co_spawn(executor_, roll_back(shared_from_this(), std::move(connection)), asio::detached);
  } else {
    retire(std::move(connection),
           fault == Fault::none ? &RetiredConnections::unclean : &RetiredConnections::lost);
  }
}

// A clean connection that is counted as leased goes to whoever waits, or among the idle.
void PoolState::offer(std::unique_ptr<Connection> connection, Clock::time_point now) {
  const Tenure& tenure = connection->tenure();
  Reason reason = nullptr;
  if (!agrees(options_.hooks.before_hand_out, *connection)) reason = &RetiredConnections::hook;
  if (tenure.expired(now)) reason = &RetiredConnections::lifetime;
  std::unique_lock lock(mutex_);
  if (tenure.epoch != epoch_) reason = epoch_reason_;
  if (core_.closed() || reason != nullptr) {
    lock.unlock();
    retire(std::move(connection), reason);
    return;
  }
  if (const auto waiter = core_.returned()) {
    hand_over(*waiter, std::move(connection), std::move(lock));
    return;
  }
  const auto later = [](Clock::time_point time, const std::unique_ptr<Connection>& other) {
    return time < other->tenure().last_used;
  };
  const auto place = std::upper_bound(idle_.begin(), idle_.end(), tenure.last_used, later);
  idle_.insert(place, std::move(connection));
}

void PoolState::hand_over(PoolCore::Waiter waiter, std::unique_ptr<Connection> connection,
                          std::unique_lock<std::mutex> lock) {
  Waiting waiting = std::move(waiting_.extract(waiter).mapped());
  ++counters_.acquired;
  const Clock::duration waited = Clock::now() - waiting.since;
  counters_.waits.record(waited);
  lock.unlock();
  observer_->acquired(waited, nullptr);
  connection->tenure().waited = waited;
  lend(std::move(waiting.handler), std::move(connection));
}

// The lease is made here, so that a caller who is gone by now still gives the connection back.
void PoolState::lend(Handler handler, std::unique_ptr<Connection> connection) {
  ++connection->tenure().uses;
  complete(std::move(handler), nullptr,
           std::make_optional<Lease>(shared_from_this(), std::move(connection)));
}

std::vector<PoolState::Handler> PoolState::take_waiters(PoolCore::Waiter end) {
  std::vector<Handler> taken;
  while (const auto waiter = core_.drop_oldest(end)) {
    taken.push_back(std::move(waiting_.extract(*waiter).mapped().handler));
  }
  return taken;
}

// Those who wait for the end, when it has come.
std::vector<PoolState::Handler> PoolState::take_closers() {
  std::vector<Handler> taken;
  if (!core_.closed() || core_.total() > 0) return taken;
  for (const PoolCore::Waiter waiter : closers_) {
    taken.push_back(std::move(waiting_.extract(waiter).mapped().handler));
  }
  closers_.clear();
  return taken;
}

void PoolState::fail(Handler handler, Error error) {
  complete(std::move(handler), std::make_exception_ptr(std::move(error)), std::nullopt);
}

// Never from inside the caller's own call: a chain of hand-overs would grow the stack.
void PoolState::complete(Handler handler, std::exception_ptr thrown, std::optional<Lease> lease) {
  asio::post(executor_, asio::append(std::move(handler), std::move(thrown), std::move(lease)));
}

PoolStatistics PoolState::statistics() const {
  const std::scoped_lock lock(mutex_);
  PoolStatistics now = counters_;
  now.most = options_.max_connections;
  now.open = core_.idle() + core_.leased();
  now.idle = core_.idle();
  now.opening = core_.opening();
  now.waiting = core_.waiting();
  return now;
}

bool PoolState::has_queue() const {
  const std::scoped_lock lock(mutex_);
  return core_.queued() > 0;
}

std::uint64_t PoolState::epoch() const {
  const std::scoped_lock lock(mutex_);
  return epoch_;
}

bool PoolState::has_starving() const {
  const std::scoped_lock lock(mutex_);
  return core_.starving();
}

int PoolState::connections() const {
  const std::scoped_lock lock(mutex_);
  return core_.total();
}

void PoolState::count_retried_read() {
  const std::scoped_lock lock(mutex_);
  ++counters_.retried_reads;
}

void PoolState::close() {
  std::unique_lock lock(mutex_);
  core_.close();
  upkeep_timer_.cancel();
  reconnect_timer_.cancel();
  Connections idle = take_idle(0, idle_.size());
  std::vector<Handler> refused = take_waiters();
  std::vector<Handler> done = take_closers();
  lock.unlock();
  for (Handler& each : refused) {
    fail(std::move(each), Error(ErrorKind::closed, "the pool is closed"));
  }
  for (Handler& each : done) complete(std::move(each), nullptr, std::nullopt);
  retire(std::move(idle), nullptr);
}

}  // namespace loci::pg
