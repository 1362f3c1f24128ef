#pragma once
#include <loci/pg/pool.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pg/connection.hpp"
#include "pg/pool_core.hpp"

namespace loci::pg {

/// What a pool and its leases share: the leases may outlive the Pool object.
/// One mutex guards everything below it; it is never held across I/O or a completion.
class PoolState : public std::enable_shared_from_this<PoolState> {
public:
  PoolState(boost::asio::any_io_executor executor, PoolOptions options);

  /// Called, from any thread, when a caller has to wait for a connection. Before start().
  void on_starved(std::function<void()> callback) { on_starved_ = std::move(callback); }
  void start() { open_more(); }
  static boost::asio::awaitable<Lease> acquire(std::shared_ptr<PoolState> self, Deadline deadline);
  void give_back(std::unique_ptr<Connection> connection);
  [[nodiscard]] PoolStatistics statistics() const;
  void close();
  [[nodiscard]] const PoolOptions& options() const noexcept { return options_; }
  [[nodiscard]] const ExtensionTypes& types() const noexcept { return *types_; }

private:
  using Handler =
      boost::asio::any_completion_handler<void(std::exception_ptr, std::optional<Lease>)>;
  struct Waiting {
    Handler handler;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  void enqueue(Handler handler, Deadline deadline);
  void give_up(PoolCore::Waiter waiter, ErrorKind why);
  void open_more();
  static boost::asio::awaitable<void> open_one(std::shared_ptr<PoolState> self);
  static boost::asio::awaitable<void> open_more_later(std::shared_ptr<PoolState> self);
  static boost::asio::awaitable<void> end(std::shared_ptr<PoolState> self,
                                          std::unique_ptr<Connection> connection);
  static boost::asio::awaitable<void> roll_back(std::shared_ptr<PoolState> self,
                                                std::unique_ptr<Connection> connection);
  void opened(std::unique_ptr<Connection> connection);
  void open_failed(const Error& error);
  void hand_over(PoolCore::Waiter waiter, std::unique_ptr<Connection> connection,
                 std::unique_lock<std::mutex> lock);
  void fail(Handler handler, Error error);
  void complete(Handler handler, std::exception_ptr thrown, std::optional<Lease> lease);

  const boost::asio::any_io_executor executor_;
  const PoolOptions options_;
  const std::shared_ptr<ExtensionTypes> types_ = std::make_shared<ExtensionTypes>();

  std::function<void()> on_starved_;

  mutable std::mutex mutex_;
  PoolCore core_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one used is the next one leased
  std::unordered_map<PoolCore::Waiter, Waiting> waiting_;
  PoolCore::Waiter next_waiter_ = 1;
  std::string last_connect_error_;
  bool opening_later_ = false;
  PoolStatistics counters_;
};

}  // namespace loci::pg
