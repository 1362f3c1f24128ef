// How a pool opens its connections.
#include <loci/base/log.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include "pg/connect_options.hpp"
#include "pg/pool_state.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

// Even in [0, 1).
double chance() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

// A connection that is nobody's lease yet.
class FreshSession final : public Session {
public:
  explicit FreshSession(Connection& connection) : connection_(connection) {}
  asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                               Deadline deadline) override {
    return connection_.execute(std::move(requests), deadline);
  }

private:
  Connection& connection_;
};

}  // namespace

void PoolState::open_more() {
  std::unique_lock lock(mutex_);
  if (core_.wanted() == 0) return;
  if (Clock::now() < backoff_.until()) {
    if (std::exchange(reconnect_set_, true)) return;
    reconnect_timer_.expires_at(backoff_.until());
    reconnect_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || !self) return;
      {
        const std::scoped_lock again(self->mutex_);
        self->reconnect_set_ = false;
      }
      self->open_more();
    });
    return;
  }
  int more = core_.open_more();
  const std::uint64_t epoch = epoch_;
  const PoolCore::Waiter next_waiter = next_waiter_;
  lock.unlock();
  for (; more > 0; --more) {
    asio::co_spawn(executor_, open_one(shared_from_this(), epoch, next_waiter), asio::detached);
  }
}

asio::awaitable<void> PoolState::open_one(std::shared_ptr<PoolState> self, std::uint64_t epoch,
                                          PoolCore::Waiter next_waiter) {
  const auto patience = self->options_.connect_timeout;
  const Deadline deadline = patience.count() > 0 ? Deadline::after(patience) : Deadline::never();
  std::unique_ptr<Connection> connection;
  std::optional<Error> failure;
  const Clock::time_point start = Clock::now();
  try {
    connection = co_await connect(self, deadline);
  } catch (const Error& error) {
    failure = error.kind() == ErrorKind::timeout ? Error(ErrorKind::connect, error.what()) : error;
  } catch (const std::exception& error) {
    failure = Error(ErrorKind::connect, error.what());
  } catch (...) {
    failure = Error(ErrorKind::connect, "a hook threw what is no exception");
  }
  self->observer_->connected(Clock::now() - start, failure ? &*failure : nullptr);
  if (failure) {
    self->open_failed(*failure, next_waiter);
  } else {
    self->opened(std::move(connection), epoch);
  }
}

asio::awaitable<std::unique_ptr<Connection>> PoolState::connect(std::shared_ptr<PoolState> self,
                                                                Deadline deadline) {
  Connection::Options how = co_await connect_options(self->options_, deadline);
  how.observer = self->observer_;
  auto connection =
      co_await Connection::open(self->executor_, std::move(how), self->types_, deadline);
  std::exception_ptr thrown;
  try {
    co_await self->auto_explain_.switch_on(*connection, deadline);
    co_await prepare(self->options_.hooks, *connection, deadline);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    connection->abandon();
    co_await Connection::end(std::move(connection));
    std::rethrow_exception(thrown);
  }
  co_return connection;
}

asio::awaitable<void> PoolState::prepare(const PoolHooks& hooks, Connection& connection,
                                         Deadline deadline) {
  if (!hooks.after_connect) co_return;
  FreshSession session(connection);
  co_await hooks.after_connect(session, deadline);
  if (!connection.clean()) {
    throw Error(ErrorKind::connect, "the hook after_connect left the connection unclean");
  }
}

void PoolState::opened(std::unique_ptr<Connection> connection, std::uint64_t epoch) {
  const Clock::time_point now = Clock::now();
  const auto lifetime = options_.max_lifetime;
  Tenure tenure = Tenure::begun(now, lifetime, options_.max_lifetime_jitter.value_or(lifetime / 10),
                                chance(), epoch);
  tenure.read_only_server = connection->read_only_server();
  connection->tenure() = tenure;
  {
    const std::scoped_lock lock(mutex_);
    ++counters_.opened;
    last_connect_error_.clear();
    backoff_.succeeded();
    core_.opened();
  }
  offer(std::move(connection), now);
  open_more();
}

// `next_waiter`: the first who came after the attempt began. For him, and those after him, another
// is made: it may succeed.
void PoolState::open_failed(const Error& error, PoolCore::Waiter next_waiter) {
  std::unique_lock lock(mutex_);
  ++counters_.connect_errors;
  last_connect_error_ = error.what();
  backoff_.failed(Clock::now(), chance());
  core_.open_failed();
  // With connections out, one may yet come back to those who wait. With none, an outage may end in
  // time; but where connecting has never worked, or cannot, they need not wait to be told.
  std::vector<Handler> refused;
  const bool hopeless = counters_.opened == 0 || error.kind() == ErrorKind::configuration;
  if (core_.total() == 0 && hopeless) refused = take_waiters(next_waiter);
  std::vector<Handler> done = take_closers();
  const bool waited_for = core_.queued() > 0;
  lock.unlock();
  log::warn(std::string("pool_connect_failed error=\"") + error.what() + "\"");
  for (Handler& each : refused) fail(std::move(each), error);
  for (Handler& each : done) complete(std::move(each), nullptr, std::nullopt);
  open_more();
  if (waited_for && on_starved_) on_starved_();
}

}  // namespace loci::pg
