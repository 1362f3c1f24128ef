#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/types/scalar.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace loci::pg {

/// What a subscriber of a channel is told.
struct ChannelEvent {
  enum class Kind : std::uint8_t {
    listening,     ///< The first: from here on nothing is missed unless `missed` says so.
    notification,  ///< Somebody's NOTIFY.
    missed,        ///< The connection was lost and is there again, or the feed was full: read anew
                   ///< whatever the notifications tell of.
  } kind;
  std::string channel;
  std::string payload;  ///< Of a notification; may be empty.
  int server_pid = 0;   ///< Of the process that sent it.
};

struct ListenerState;

/// Keeps a callback subscribed. Once it is destroyed the callback does not run any more; destroying
/// it waits for one that runs now, unless it is that which destroys it.
class Subscription {
public:
  struct Subscriber;
  Subscription(std::shared_ptr<ListenerState> state, std::shared_ptr<Subscriber> subscriber);
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

private:
  void end() noexcept;
  std::shared_ptr<ListenerState> state_;
  std::shared_ptr<Subscriber> subscriber_;
};

/// A channel's events, to be asked for. Keeps at most 10,000; further ones are dropped, and
/// `missed` comes next.
class ChannelFeed {
public:
  struct Queue;
  ChannelFeed(std::shared_ptr<Queue> queue, Subscription subscription);

  /// The next event, or nullopt when none came by the deadline. One caller at a time.
  /// Errors: cancelled; closed, when the listener is and nothing is left.
  [[nodiscard]] boost::asio::awaitable<std::optional<ChannelEvent>> next(Deadline deadline);

private:
  std::shared_ptr<Queue> queue_;
  Subscription subscription_;
};

/// LISTEN for any number of channels and subscribers, over one connection of its own, opened when
/// somebody subscribes. A connection that is lost, or that does not answer, is opened again after a
/// pause that grows to 5 s; every subscriber is then told `missed`.
///
/// Thread safety: every member may be called from any thread. Lifetime: subscriptions and feeds may
/// outlive it, and then get nothing more; the executor outlives them all.
class Listener {
public:
  /// Of the options it takes what concerns a connection, the hook before_connect included.
  /// Errors: configuration, with `pgbouncer`: LISTEN needs a session.
  Listener(boost::asio::any_io_executor executor, PoolOptions options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Calls `on_event` with each event, one at a time, on the listener's strand: it must not block.
  /// Errors: invalid_argument when `channel` is no SQL name; closed.
  [[nodiscard]] Subscription subscribe(std::string channel,
                                       std::function<void(const ChannelEvent&)> on_event);
  /// As subscribe(), for who would rather wait.
  [[nodiscard]] ChannelFeed feed(std::string channel);

  void close();

private:
  Subscription add(std::string channel, std::function<void(const ChannelEvent&)> on_event,
                   std::function<void()> on_close);
  std::shared_ptr<ListenerState> state_;  // shared with subscriptions and the coroutine that runs
};

/// NOTIFY as a query: within a transaction it is sent when that commits. The server refuses a
/// payload of 8000 bytes or more.
struct Notify {
  std::string channel;
  std::string payload;

  static constexpr Statement statement{.name = "Notify",
                                       .sql = "select pg_catalog.pg_notify($1, $2)"};
  static constexpr Cardinality cardinality = Cardinality::exec;
  void bind(Params& params) const {
    params.add<type::Text>(channel);
    params.add<type::Text>(payload);
  }
};

}  // namespace loci::pg
