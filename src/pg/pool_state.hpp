#pragma once
#include <loci/pg/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pg/auto_explain.hpp"
#include "pg/awaiting.hpp"
#include "pg/connection.hpp"
#include "pg/pool_core.hpp"
#include "pg/reconnect_backoff.hpp"
#include "pg/slow_shrink.hpp"

namespace loci::pg {

/// What a pool and its leases share: the leases may outlive the Pool object.
/// One mutex guards everything below it; it is never held across I/O, a hook or a completion.
class PoolState : public std::enable_shared_from_this<PoolState> {
public:
  PoolState(boost::asio::any_io_executor executor, PoolOptions options);

  /// Called, from any thread, when a caller has to wait, and again when a connection that was to be
  /// added cannot be had. Before start().
  void on_starved(std::function<void()> callback) { on_starved_ = std::move(callback); }
  /// Called, from any thread, when every connection made until now is to go. Before start().
  void on_new_epoch(std::function<void()> callback) { on_new_epoch_ = std::move(callback); }
  void start();
  static boost::asio::awaitable<Lease> acquire(std::shared_ptr<PoolState> self, Deadline deadline);
  /// How long a caller with this deadline may wait for a connection.
  [[nodiscard]] Deadline patience(Deadline deadline) const;
  void give_back(std::unique_ptr<Connection> connection);

  // Of callers who wait beside the queue, for a connection that they are to share.
  void join_beside();  ///< Errors: pool_timeout, refused.
  void leave_beside();
  [[nodiscard]] Error waited_beside_in_vain(Tenure::Clock::duration wait);

  [[nodiscard]] bool has_queue() const;       ///< Somebody waits for a connection of his own.
  [[nodiscard]] bool has_starving() const;    ///< Somebody waits for whom none is to be opened.
  [[nodiscard]] std::uint64_t epoch() const;  ///< The one that goes on.
  [[nodiscard]] int connections() const;      ///< All there are, and those being opened.
  [[nodiscard]] PoolStatistics statistics() const;
  void count_retried_read();
  void reset();
  void close();
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const PoolOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::shared_ptr<Observer>& observer() const noexcept { return observer_; }
  [[nodiscard]] const DatabaseTypes& types() const noexcept { return *types_; }
  static boost::asio::awaitable<void> wait_closed(std::shared_ptr<PoolState> self,
                                                  Deadline deadline);

private:
  using Clock = Tenure::Clock;
  using Connections = std::vector<std::unique_ptr<Connection>>;
  using Reason = std::uint64_t RetiredConnections::*;
  using Hook = std::function<bool(const ConnectionFacts&)>;
  using Handler = Awaiting<std::optional<Lease>>;
  struct Waiting {
    Handler handler;
    Clock::time_point since;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  // Waiting, and being served (pool_state.cpp).
  void enqueue(Handler handler, Deadline deadline);
  void enqueue_for_close(Handler handler, Deadline deadline);
  void park(PoolCore::Waiter waiter, Handler handler, Deadline deadline);
  void give_up(PoolCore::Waiter waiter, ErrorKind why);
  [[nodiscard]] std::string timeout_text() const;
  [[nodiscard]] Error refused_error() const;
  void refuse_when_full();
  void offer(std::unique_ptr<Connection> connection, Clock::time_point now);
  void hand_over(PoolCore::Waiter waiter, std::unique_ptr<Connection> connection,
                 std::unique_lock<std::mutex> lock);
  void lend(Handler handler, std::unique_ptr<Connection> connection);
  std::vector<Handler> take_waiters(
      PoolCore::Waiter end = std::numeric_limits<PoolCore::Waiter>::max());
  std::vector<Handler> take_closers();
  void fail(Handler handler, Error error);
  void complete(Handler handler, std::exception_ptr thrown, std::optional<Lease> lease);

  // Opening connections (pool_opening.cpp).
  void open_more();
  static boost::asio::awaitable<void> open_one(std::shared_ptr<PoolState> self, std::uint64_t epoch,
                                               PoolCore::Waiter next_waiter);
  static boost::asio::awaitable<std::unique_ptr<Connection>> connect(
      std::shared_ptr<PoolState> self, Deadline deadline);
  static boost::asio::awaitable<void> prepare(const PoolHooks& hooks, Connection& connection,
                                              Deadline deadline);
  void opened(std::unique_ptr<Connection> connection, std::uint64_t epoch);
  void open_failed(const Error& error, PoolCore::Waiter next_waiter);

  // Looking after them, and closing them (pool_upkeep.cpp).
  static bool agrees(const Hook& hook, Connection& connection);
  void schedule_upkeep();
  void upkeep();
  void suspect();
  std::unique_ptr<Connection> take_unproven();
  Connections take_idle(std::size_t first, std::size_t count);
  static boost::asio::awaitable<void> probe_some(std::shared_ptr<PoolState> self);
  static boost::asio::awaitable<void> probe(std::shared_ptr<PoolState> self,
                                            std::unique_ptr<Connection> connection);
  static boost::asio::awaitable<void> roll_back(std::shared_ptr<PoolState> self,
                                                std::unique_ptr<Connection> connection);
  void begin_epoch(Reason reason, std::optional<std::uint64_t> ending = std::nullopt);
  void retire(std::unique_ptr<Connection> connection, Reason reason);
  void retire(Connections connections, Reason reason);
  static boost::asio::awaitable<void> end(std::shared_ptr<PoolState> self,
                                          std::unique_ptr<Connection> connection);

  const boost::asio::any_io_executor executor_;
  const PoolOptions options_;
  const std::shared_ptr<Observer> observer_;
  AutoExplain auto_explain_;
  const std::shared_ptr<DatabaseTypes> types_ = std::make_shared<DatabaseTypes>();

  std::function<void()> on_starved_;
  std::function<void()> on_new_epoch_;

  mutable std::mutex mutex_;
  PoolCore core_;
  SlowShrink shrink_;
  ReconnectBackoff backoff_;
  Connections idle_;  // by when they were last used: the last one is the next one leased
  std::unordered_map<PoolCore::Waiter, Waiting> waiting_;
  std::vector<PoolCore::Waiter> closers_;  // of waiting_: those who wait for the end of the pool
  PoolCore::Waiter next_waiter_ = 1;
  std::uint64_t epoch_ = 1;
  Reason epoch_reason_ = nullptr;  // why the one before ended
  Clock::time_point unproven_before_;
  int probing_ = 0;  // by the regular check
  std::string last_connect_error_;
  boost::asio::steady_timer upkeep_timer_;
  boost::asio::steady_timer reconnect_timer_;
  bool reconnect_set_ = false;
  PoolStatistics counters_;
};

}  // namespace loci::pg
