#pragma once
#include <loci/base/log.hpp>
#include <loci/pg/listener.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pg/connection.hpp"

namespace loci::pg {

/// One who listens: what it is told by, until it ends. Any thread.
struct Subscription::Subscriber {
  Subscriber(std::function<void(const ChannelEvent&)> event, std::function<void()> close)
      : on_event(std::move(event)), on_close(std::move(close)) {}

  void tell(const ChannelEvent& event) {
    const std::scoped_lock lock(mutex);
    if (ended) return;
    telling = true;
    try {
      on_event(event);
    } catch (const std::exception& error) {
      log::error(std::string("listener_callback_threw error=\"") + error.what() + "\"");
    } catch (...) {
      log::error("listener_callback_threw error=\"no exception that says what\"");
    }
    telling = false;
    if (ended) drop();
  }
  void end() {
    const std::scoped_lock lock(mutex);
    ended = true;
    if (!telling) drop();  // else the callback that runs does it
  }
  void close() {
    const std::scoped_lock lock(mutex);
    if (on_close) on_close();
  }
  void drop() {
    on_event = nullptr;
    on_close = nullptr;
  }

  std::recursive_mutex mutex;  // a callback may end its own subscription
  std::function<void(const ChannelEvent&)> on_event;
  std::function<void()> on_close;
  bool telling = false;
  std::atomic<bool> ended = false;
  bool fresh = true;  // has not been told that it is listening; on the strand alone
};

/// The channels that are wanted, and the one connection that hears them.
struct ListenerState : std::enable_shared_from_this<ListenerState> {
  using SubscriberPtr = std::shared_ptr<Subscription::Subscriber>;
  struct Channel {
    std::vector<SubscriberPtr> subscribers;
    bool listening = false;  // on the connection there is
  };

  ListenerState(const boost::asio::any_io_executor& on, PoolOptions chosen)
      : executor(on),
        strand(boost::asio::make_strand(on)),
        options(std::move(chosen)),
        wake(strand) {}

  /// Runs `what` with the state on its strand, and then what follows from the change.
  void change(auto what) {
    boost::asio::post(strand, [self = shared_from_this(), what = std::move(what)] {
      what(*self);
      self->changed = true;
      self->wake.cancel();
    });
  }
  static boost::asio::awaitable<void> run(std::shared_ptr<ListenerState> self);
  [[nodiscard]] boost::asio::awaitable<std::unique_ptr<Connection>> connect() const;
  boost::asio::awaitable<void> serve(Connection& connection);
  boost::asio::awaitable<void> update(Connection& connection);
  boost::asio::awaitable<void> woken();
  void welcome(const std::string& name, Channel& channel, bool again);
  void tell(const std::vector<Connection::Notification>& notifications);

  const boost::asio::any_io_executor executor;
  const boost::asio::any_io_executor strand;
  const PoolOptions options;
  const std::shared_ptr<DatabaseTypes> types = std::make_shared<DatabaseTypes>();
  std::atomic<bool> closed = false;

  // All that follows is touched on the strand alone.
  boost::asio::steady_timer wake;
  bool changed = false;
  std::map<std::string, Channel, std::less<>> channels;
};

}  // namespace loci::pg
