#include "pg/shared_lane.hpp"

#include <loci/base/log.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <numeric>
#include <optional>
#include <thread>

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr std::size_t k_busy = 8;  // entries on the least busy connection: time for another
constexpr std::size_t k_large_request = 16 * 1024;  // bytes of parameters
constexpr int k_most_tries = 8;                     // of finding a connection that takes a read

std::size_t most_of(const PoolOptions& options) {
  // Behind PgBouncer a statement is prepared for whoever comes next, and settings ride along with
  // each.
  if (options.shared_connections <= 0 || options.pgbouncer || options.statement_cache == 0)
    return 0;
  return static_cast<std::size_t>(
      std::clamp(options.max_connections / 2, 1, options.shared_connections));
}

// Before it had done what it was to do.
bool was_ended(const Result& result) {
  const Error* error = result.error();
  return error != nullptr && (error->sqlstate() == "57014" || error->kind() == ErrorKind::timeout ||
                              error->kind() == ErrorKind::cancelled);
}

// A place among those who wait for a connection, beside the queue for one of their own.
class Place {
public:
  explicit Place(std::shared_ptr<PoolState> pool) : pool_(std::move(pool)) { pool_->join_beside(); }
  ~Place() { pool_->leave_beside(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

private:
  const std::shared_ptr<PoolState> pool_;  // a caller may be the last who is left
};

}  // namespace

SharedLane::SharedLane(asio::any_io_executor executor, std::shared_ptr<PoolState> pool)
    : executor_(std::move(executor)), pool_(std::move(pool)), most_(most_of(pool_->options())) {}

asio::awaitable<Result> SharedLane::execute(Request request, Deadline deadline) {
  StatementRecord& record = pool_->observer()->of(request.statement);
  if (deadline.passed()) {
    throw Error(ErrorKind::timeout,
                std::string(request.statement.name) + ": the deadline passed before it was sent");
  }
  // A type that nobody has looked up yet is looked up by a connection of its own, and what that
  // took says nothing of the statement.
  const bool types_known = pool_->types().fill(request.params).empty();
  bool again = false;      // it was asked once already
  bool none_came = false;  // the lane could not open a connection
  // However he comes by a connection, a caller waits for it no longer than this.
  std::optional<Deadline> until;
  for (int tries = 0;; ++tries) {
    // What met a stale plan twice is asked alone, where the server's own error reaches the caller.
    const bool shares =
        types_known && tries < k_most_tries && !none_came && travels(request, record.cost);
    const Choice choice = shares ? choose() : Choice{};
    const bool alone = !choice.connection && !choice.worth_waiting;
    if (!choice.connection && !until) until = pool_->patience(deadline);
    std::optional<Error> failure;
    try {
      if (alone) {
        co_return co_await execute_alone(request, types_known ? &record.cost : nullptr, *until,
                                         deadline);
      }
      if (!choice.connection) {
        none_came = !co_await wait_for_first(*until);
        continue;
      }
      Result result = co_await choice.connection->run(request, record, deadline);
      if (!is_stale(result)) co_return result;
      until.reset();
      tries = again ? k_most_tries : tries;
      again = true;
      continue;
    } catch (const boost::system::system_error& error) {
      failure.emplace(ErrorKind::cancelled, error.what());
    } catch (const Error& error) {
      failure = error;
    }
    if (!alone && failure->kind() == ErrorKind::closed) continue;
    const bool ask_again =
        failure->kind() == ErrorKind::connection_lost && !again && !deadline.passed();
    if (!ask_again) throw alone ? *failure : failure->with_context(request.statement.name);
    again = true;
    until.reset();
    pool_->count_retried_read();
  }
}

bool SharedLane::travels(const Request& request, const StatementCost& cost) const {
  return most_ > 0 && request.params.encoder().size() <= k_large_request && !cost.is_heavy();
}

asio::awaitable<Result> SharedLane::execute_alone(Request request, StatementCost* cost,
                                                  Deadline until, Deadline deadline) {
  std::optional<Lease> lease;
  try {
    lease.emplace(co_await PoolState::acquire(pool_, until));
  } catch (const Error& error) {
    throw error.with_context(request.statement.name);
  }
  const auto start = Deadline::Clock::now();
  Result result = co_await lease->execute_one(std::move(request), deadline);
  const auto time = Deadline::Clock::now() - start;
  if (cost != nullptr && !result.failed()) cost->ran(time, result.memory_size());
  if (cost != nullptr && was_ended(result)) cost->ran_at_least(time);
  co_return result;
}

// The least busy one; of equals, each thread begins its search at one of its own, so that they do
// not all meet at the same.
SharedLane::Choice SharedLane::choose() {
  const std::size_t own = std::hash<std::thread::id>()(std::this_thread::get_id());
  const auto now = Deadline::Clock::now();
  std::shared_ptr<SharedConnection> best;
  bool open = false;
  bool first_comes = false;
  {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const auto& each = connections_[(own + i) % connections_.size()];
      if (each->takes_more(now) && (!best || each->load() < best->load())) best = each;
    }
    const bool busy = !best || best->load() >= k_busy;
    // One at a time: the next is judged by what this one changed.
    open = busy && !closed_ && opening_ == 0 && connections_.size() < most_;
    if (open) ++opening_;
    first_comes = connections_.empty() && opening_ > 0;
  }
  if (open) asio::co_spawn(executor_, open_one(shared_from_this()), asio::detached);
  return {best, first_comes};
}

// Until the first connection is there, or cannot be had. Those who come while it is being opened
// would otherwise queue for a connection each. False when there is none. Errors: as acquire().
asio::awaitable<bool> SharedLane::wait_for_first(Deadline until) {
  const Place place(pool_);
  const auto start = Deadline::Clock::now();
  const auto timer = std::make_shared<asio::steady_timer>(executor_, until.at());
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  (void)co_await asio::async_initiate<decltype(token), void(boost::system::error_code)>(
      [self = shared_from_this(), timer](auto handler) {
        // Once it waits, the caller may go on on another thread, and this lambda with it.
        const auto lane = self;
        const auto gate = timer;
        const std::scoped_lock lock(lane->mutex_);
        if (lane->opening_ == 0) gate->expires_at(Deadline::Clock::time_point::min());
        lane->waiting_.push_back(gate);
        gate->async_wait(std::move(handler));
      },
      token);
  bool none = false;
  {
    const std::scoped_lock lock(mutex_);
    std::erase(waiting_, timer);  // who gave up is still there
    none = connections_.empty();
  }
  if (none && until.passed()) {
    throw pool_->waited_beside_in_vain(Deadline::Clock::now() - start);
  }
  co_return !none;
}

asio::awaitable<void> SharedLane::open_one(std::shared_ptr<SharedLane> self) {
  std::shared_ptr<SharedConnection> made;
  std::uint64_t epoch = 0;
  try {
    Lease lease = co_await PoolState::acquire(self->pool_, Deadline::never());
    epoch = lease.connection().tenure().epoch;
    made = std::make_shared<SharedConnection>(
        self->executor_, std::move(lease), self->pool_->observer(),
        [weak = std::weak_ptr(self)](const SharedConnection& connection) {
          if (const auto lane = weak.lock()) lane->gone(connection);
        },
        [pool = std::weak_ptr(self->pool_)] {
          const auto alive = pool.lock();
          return alive && alive->has_queue();
        });
    made->start();
  } catch (const std::exception& error) {
    log::debug(std::string("shared_connection_not_opened error=\"") + error.what() + "\"");
    made.reset();
  }
  bool closed = false;
  {
    const std::scoped_lock lock(self->mutex_);
    --self->opening_;
    closed = self->closed_;
    if (made && !closed) self->connections_.push_back(made);
    for (const auto& timer : std::exchange(self->waiting_, {})) timer->cancel();
  }
  if (made && closed) made->close();
  // What befell it before it joined the others did not reach it with them.
  if (made && epoch != self->pool_->epoch()) made->retire();
  if (made && made->over()) self->gone(*made);
  // Whoever came for a connection while this one was on its way to us has not been heard. Posted,
  // so that those who waited here are served first.
  if (made && self->pool_->has_queue()) {
    asio::post(self->executor_, [self] { self->yield(); });
  }
}

void SharedLane::yield() {
  const Connections mine = connections();
  for (const auto& each : mine) each->wanted();
  // Also a busy one, when there is no other in the pool, nor on its way to it.
  if (!mine.empty() && pool_->connections() <= static_cast<int>(mine.size())) {
    (*std::ranges::min_element(mine, {}, &SharedConnection::load))->retire();
  }
}

void SharedLane::retire() {
  for (const auto& each : connections()) each->retire();
}

SharedLane::Connections SharedLane::connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

int SharedLane::size() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(connections_.size());
}

std::size_t SharedLane::load() const {
  const Connections mine = connections();
  return std::transform_reduce(mine.begin(), mine.end(), std::size_t{0}, std::plus{},
                               [](const auto& each) { return each->load(); });
}

void SharedLane::gone(const SharedConnection& connection) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(connections_, [&](const auto& each) { return each.get() == &connection; });
}

void SharedLane::close() {
  Connections open;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    open = connections_;
  }
  for (const auto& each : open) each->close();
}

}  // namespace loci::pg
