// How a pool looks after its connections, and closes them.
#include <loci/base/log.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "pg/pool_state.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr auto k_abandoned_rollback_time = std::chrono::seconds(5);
constexpr auto k_probe_time = std::chrono::seconds(5);
constexpr int k_parallel_probes = 4;

}  // namespace

bool PoolState::agrees(const Hook& hook, Connection& connection) {
  if (!hook) return true;
  const Clock::time_point now = Clock::now();
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const Tenure& tenure = connection.tenure();
  try {
    return hook({.server_pid = connection.server_pid(),
                 .age = duration_cast<milliseconds>(now - tenure.opened),
                 .unused = duration_cast<milliseconds>(now - tenure.last_used),
                 .uses = tenure.uses});
  } catch (const std::exception& error) {
    log::warn(std::string("pool_hook_failed error=\"") + error.what() + "\"");
  } catch (...) {
    log::warn("pool_hook_failed error=\"no exception that says what\"");
  }
  return false;
}

void PoolState::schedule_upkeep() {
  if (options_.health_check_period.count() <= 0) return;
  const std::scoped_lock lock(mutex_);
  if (core_.closed()) return;
  upkeep_timer_.expires_after(options_.health_check_period);
  upkeep_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->upkeep();
  });
}

void PoolState::upkeep() {
  const Clock::time_point now = Clock::now();
  std::unique_lock lock(mutex_);
  const auto old = std::ranges::stable_partition(
      idle_, [now](const auto& connection) { return connection->tenure().expired(now); });
  Connections expired = take_idle(0, static_cast<std::size_t>(old.begin() - idle_.begin()));
  Connections unused;
  if (options_.max_idle_time.count() > 0) {
    const auto too_long = std::ranges::count_if(idle_, [&](const auto& connection) {
      return connection->tenure().last_used + options_.max_idle_time <= now;
    });
    const int total = core_.total() - static_cast<int>(expired.size());
    const int going = shrink_.round(total, static_cast<int>(too_long));
    unused = take_idle(0, static_cast<std::size_t>(going));
  }
  unproven_before_ = std::max(unproven_before_, now - options_.health_check_period);
  lock.unlock();
  retire(std::move(expired), &RetiredConnections::lifetime);
  retire(std::move(unused), &RetiredConnections::idle);
  for (int i = 0; i < k_parallel_probes; ++i) {
    asio::co_spawn(executor_, probe_some(shared_from_this()), asio::detached);
  }
  open_more();
  schedule_upkeep();
}

// Idle connections leave their place; they are counted as leased from here on.
PoolState::Connections PoolState::take_idle(std::size_t first, std::size_t count) {
  const auto begin = idle_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  Connections taken(std::make_move_iterator(begin), std::make_move_iterator(end));
  idle_.erase(begin, end);
  for (std::size_t i = 0; i < count; ++i) core_.take_idle();
  return taken;
}

// A connection was found lost: none of the idle ones is used again before it has shown that it
// lives.
void PoolState::suspect() {
  std::unique_lock lock(mutex_);
  if (core_.closed()) return;
  Connections all = take_idle(0, idle_.size());
  lock.unlock();
  for (auto& connection : all) {
    asio::co_spawn(executor_, probe(shared_from_this(), std::move(connection)), asio::detached);
  }
}

// One idle connection whose server has not answered lately. One is always left to the callers,
// unless there is only one.
std::unique_ptr<Connection> PoolState::take_unproven() {
  const std::scoped_lock lock(mutex_);
  if (core_.closed() || (idle_.size() == 1 && probing_ > 0)) return nullptr;
  const auto found = std::ranges::find_if(idle_, [this](const auto& connection) {
    return connection->tenure().proven < unproven_before_;
  });
  if (found == idle_.end()) return nullptr;
  ++probing_;
  return std::move(take_idle(static_cast<std::size_t>(found - idle_.begin()), 1).front());
}

asio::awaitable<void> PoolState::probe_some(std::shared_ptr<PoolState> self) {
  while (auto connection = self->take_unproven()) {
    co_await probe(self, std::move(connection));
    const std::scoped_lock lock(self->mutex_);
    --self->probing_;
  }
}

asio::awaitable<void> PoolState::probe(std::shared_ptr<PoolState> self,
                                       std::unique_ptr<Connection> connection) {
  Tenure& tenure = connection->tenure();
  bool alive = true;
  try {
    co_await connection->probe(Deadline::after(k_probe_time));
  } catch (const std::exception&) {
    alive = false;
  }
  if (!alive) {
    self->retire(std::move(connection), &RetiredConnections::health_check);
    self->suspect();
    co_return;
  }
  if (connection->role_changed()) {
    self->begin_epoch(&RetiredConnections::failover, tenure.epoch);
  }
  const Clock::time_point now = Clock::now();
  tenure.proven = now;
  self->offer(std::move(connection), now);
}

asio::awaitable<void> PoolState::roll_back(std::shared_ptr<PoolState> self,
                                           std::unique_ptr<Connection> connection) {
  try {
    std::vector<Request> requests(1);
    requests[0].statement = {.name = "Rollback", .sql = "rollback", .lane = Lane::exclusive};
    ExecuteOptions options;
    options.unprepared = true;
    (void)co_await connection->execute(
        std::move(requests), Deadline::after(k_abandoned_rollback_time), std::move(options));
  } catch (const std::exception& error) {
    log::warn(std::string("abandoned_transaction_not_rolled_back error=\"") + error.what() + "\"");
  }
  if (!connection->clean()) connection->abandon();
  self->give_back(std::move(connection));
}

void PoolState::reset() {
  begin_epoch(&RetiredConnections::reset);
}

// What is leased sees the end of its epoch when it comes back. `ending`: only if that one goes on.
void PoolState::begin_epoch(Reason reason, std::optional<std::uint64_t> ending) {
  std::unique_lock lock(mutex_);
  if (core_.closed() || ending.value_or(epoch_) != epoch_) return;
  ++epoch_;
  epoch_reason_ = reason;
  types_->forget();  // which may have been made anew
  Connections idle = take_idle(0, idle_.size());
  lock.unlock();
  log::info(reason == &RetiredConnections::reset ? "pool_reset" : "pool_failover");
  retire(std::move(idle), reason);
  if (on_new_epoch_) on_new_epoch_();
}

// It stays counted as leased until it is closed: the server sees no more than max_connections.
void PoolState::retire(std::unique_ptr<Connection> connection, Reason reason) {
  {
    const std::scoped_lock lock(mutex_);
    if (!core_.closed()) ++(counters_.retired.*reason);
  }
  asio::co_spawn(executor_, end(shared_from_this(), std::move(connection)), asio::detached);
  if (reason == &RetiredConnections::lost) suspect();
}

void PoolState::retire(Connections connections, Reason reason) {
  for (auto& connection : connections) retire(std::move(connection), reason);
}

asio::awaitable<void> PoolState::end(std::shared_ptr<PoolState> self,
                                     std::unique_ptr<Connection> connection) {
  co_await Connection::end(std::move(connection));
  std::vector<Handler> done;
  {
    const std::scoped_lock lock(self->mutex_);
    self->core_.lease_lost();
    done = self->take_closers();
  }
  for (Handler& each : done) self->complete(std::move(each), nullptr, std::nullopt);
  self->open_more();
}

}  // namespace loci::pg
