#pragma once
#include <loci/pg/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "pg/pool_state.hpp"
#include "pg/shared_connection.hpp"

namespace loci::pg {

/// The lane of short reads: a few connections, leased from the pool like any other, each of which
/// carries the reads of many callers. It takes one when there is work and another when that one is
/// busy, and gives back what is idle; what is slow, large or writes never comes here. When no
/// shared connection takes a read, it gets one to itself, as if there were no lane.
///
/// Any thread.
class SharedLane : public std::enable_shared_from_this<SharedLane> {
public:
  SharedLane(boost::asio::any_io_executor executor, std::shared_ptr<PoolState> pool);

  /// One statement that only reads. A read that a lost connection took with it is asked once more.
  [[nodiscard]] boost::asio::awaitable<Result> execute(Request request, Deadline deadline);

  /// Somebody waits for a connection in the pool: what the lane does not use goes back to it.
  void yield();
  void retire();  ///< Gives all back, as soon as they have answered.
  void close();
  [[nodiscard]] int size() const;
  [[nodiscard]] std::size_t load() const;  ///< Reads not answered yet.

private:
  using Connections = std::vector<std::shared_ptr<SharedConnection>>;

  [[nodiscard]] bool travels(const Request& request, const StatementCost& cost) const;
  struct Choice {
    std::shared_ptr<SharedConnection> connection;  ///< Null: none takes a read now.
    bool worth_waiting = false;                    ///< Then: the first one is on its way.
  };
  Choice choose();
  [[nodiscard]] Connections connections() const;
  boost::asio::awaitable<bool> wait_for_first(Deadline until);
  static boost::asio::awaitable<void> open_one(std::shared_ptr<SharedLane> self);
  boost::asio::awaitable<Result> execute_alone(Request request, StatementCost* cost, Deadline until,
                                               Deadline deadline);
  void gone(const SharedConnection& connection);

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<PoolState> pool_;
  const std::size_t most_;

  mutable std::mutex mutex_;
  Connections connections_;
  std::size_t opening_ = 0;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting_;  // for the first connection
  bool closed_ = false;
};

}  // namespace loci::pg
