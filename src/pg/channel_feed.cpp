#include <loci/base/error.hpp>
#include <loci/pg/listener.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <utility>

#include "pg/listener_state.hpp"

namespace loci::pg {

namespace asio = boost::asio;

// Events wait here for who asks. On the strand alone.
struct ChannelFeed::Queue {
  explicit Queue(const asio::any_io_executor& on, const std::shared_ptr<ListenerState>& of)
      : strand(on), listener(of), wake(on) {}

  void push(const ChannelEvent& event) {
    if (events.size() >= k_bound) {
      missed = event.channel;
    } else {
      events.push_back(event);
    }
    wake.cancel();
  }
  asio::awaitable<std::optional<ChannelEvent>> next(Deadline deadline);

  static constexpr std::size_t k_bound = 10'000;

  const asio::any_io_executor strand;
  const std::shared_ptr<ListenerState> listener;
  asio::steady_timer wake;
  std::deque<ChannelEvent> events;
  std::optional<std::string> missed;  // of which channel, when events were dropped
};

asio::awaitable<std::optional<ChannelEvent>> ChannelFeed::Queue::next(Deadline deadline) {
  for (;;) {
    if (missed) {
      ChannelEvent event{ChannelEvent::Kind::missed, std::move(*missed), {}, 0};
      missed.reset();
      co_return event;
    }
    if (!events.empty()) {
      ChannelEvent event = std::move(events.front());
      events.pop_front();
      co_return event;
    }
    if (listener->closed) throw Error(ErrorKind::closed, "the listener is closed");
    if (deadline.passed()) co_return std::nullopt;
    wake.expires_at(deadline.at());
    (void)co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw Error(ErrorKind::cancelled, "cancelled while waiting for a notification");
    }
  }
}

ChannelFeed::ChannelFeed(std::shared_ptr<Queue> queue, Subscription subscription)
    : queue_(std::move(queue)), subscription_(std::move(subscription)) {}

asio::awaitable<std::optional<ChannelEvent>> ChannelFeed::next(Deadline deadline) {
  const std::shared_ptr<Queue> queue = queue_;
  co_return co_await asio::co_spawn(queue->strand, queue->next(deadline), asio::use_awaitable);
}

ChannelFeed Listener::feed(std::string channel) {
  auto queue = std::make_shared<ChannelFeed::Queue>(state_->strand, state_);
  return {queue, add(
                     std::move(channel), [queue](const ChannelEvent& event) { queue->push(event); },
                     [queue] { queue->wake.cancel(); })};
}

}  // namespace loci::pg
