#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <loci/pg/listener.hpp>
#include <loci/pg/quote.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>
#include <variant>
#include <vector>

#include "pg/connect_options.hpp"
#include "pg/listener_state.hpp"
#include "pg/retry_pause.hpp"

namespace loci::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Kind = ChannelEvent::Kind;

namespace {

constexpr auto k_probe_period = 30s;  // a dead peer is noticed no later
constexpr auto k_answer_time = 5s;

Request listen_request(std::string_view sql) {
  return {{.name = "Listen", .sql = sql, .lane = Lane::shared}, {}};
}

}  // namespace

// Until something changed.
asio::awaitable<void> ListenerState::woken() {
  if (changed) co_return;
  wake.expires_at(Deadline::never().at());
  (void)co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<std::unique_ptr<Connection>> ListenerState::connect() const {
  const auto patience = options.connect_timeout;
  const Deadline until = patience.count() > 0 ? Deadline::after(patience) : Deadline::never();
  Connection::Options how = co_await connect_options(options, until);
  co_return co_await Connection::open(executor, std::move(how), types, until);
}

asio::awaitable<void> ListenerState::run(std::shared_ptr<ListenerState> self) {
  const auto first_pause = [] { return RetryPause(50ms, 5s); };
  RetryPause pause = first_pause();
  while (!self->closed) {
    if (self->channels.empty()) {
      co_await self->woken();
      self->changed = false;
      continue;
    }
    std::unique_ptr<Connection> connection;
    try {
      connection = co_await self->connect();
      co_await self->update(*connection);
      pause = first_pause();
      co_await self->serve(*connection);
    } catch (const std::exception& error) {
      log::warn(std::string("listener_connection_failed error=\"") + error.what() + "\"");
    } catch (...) {
      log::warn("listener_connection_failed error=\"a hook threw what is no exception\"");
    }
    for (auto& [name, channel] : self->channels) channel.listening = false;
    if (connection) co_await Connection::end(std::move(connection));
    if (self->closed || self->channels.empty()) continue;
    (void)co_await pause_for(pause.next(), Deadline::never());
  }
  self->channels.clear();
}

namespace {

// As an operand of ||, which goes on waiting for the other when one throws.
asio::awaitable<std::exception_ptr> hear(Connection& connection,
                                         std::vector<Connection::Notification>& came,
                                         Deadline deadline) {
  try {
    co_await connection.notifications(came, deadline);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

}  // namespace

asio::awaitable<void> ListenerState::serve(Connection& connection) {
  using namespace asio::experimental::awaitable_operators;
  while (!closed && !channels.empty()) {
    co_await update(connection);
    std::vector<Connection::Notification> came;
    const auto probe_at = Deadline::after(k_probe_period);
    // What came is kept whichever ends first.
    const auto first = co_await (hear(connection, came, probe_at) || woken());
    const std::exception_ptr* failure = std::get_if<0>(&first);
    if (failure != nullptr && *failure) std::rethrow_exception(*failure);
    if (probe_at.passed() && came.empty()) {
      std::vector<Request> requests;
      requests.push_back(listen_request("select 1"));
      const auto results =
          co_await connection.execute(std::move(requests), Deadline::after(k_answer_time));
      results[0].check();
    }
    tell(came);
  }
}

// Brings what the server listens for in line with what is wanted.
asio::awaitable<void> ListenerState::update(Connection& connection) {
  changed = false;
  std::vector<std::string> texts;
  std::vector<std::string> added;
  for (auto channel = channels.begin(); channel != channels.end();) {
    auto& [name, state] = *channel;
    std::erase_if(state.subscribers, [](const SubscriberPtr& each) { return each->ended.load(); });
    if (state.subscribers.empty()) {
      if (state.listening) texts.push_back("unlisten " + quote_identifier(name));
      channel = channels.erase(channel);
      continue;
    }
    if (state.listening) {
      welcome(name, state, false);
    } else {
      texts.push_back("listen " + quote_identifier(name));
      added.push_back(name);
    }
    ++channel;
  }
  if (texts.empty()) co_return;
  std::vector<Request> requests;
  for (const std::string& text : texts) requests.push_back(listen_request(text));
  ExecuteOptions how;
  how.unprepared = true;
  const std::vector<Result> results = co_await connection.execute(
      std::move(requests), Deadline::after(k_answer_time), std::move(how));
  for (const Result& result : results) result.check();
  for (const std::string& name : added) {
    const auto channel = channels.find(name);
    channel->second.listening = true;
    welcome(name, channel->second, true);
  }
}

// Tells those who are new that they are listening, and after a gap the others that there was one.
void ListenerState::welcome(const std::string& name, Channel& channel, bool gap) {
  for (const SubscriberPtr& each : channel.subscribers) {
    const bool fresh = std::exchange(each->fresh, false);
    if (fresh || gap) each->tell({fresh ? Kind::listening : Kind::missed, name, {}, 0});
  }
}

void ListenerState::tell(const std::vector<Connection::Notification>& notifications) {
  for (const Connection::Notification& each : notifications) {
    const auto channel = channels.find(each.channel);
    if (channel == channels.end()) continue;
    const ChannelEvent event{Kind::notification, each.channel, each.payload, each.server_pid};
    for (const SubscriberPtr& subscriber : channel->second.subscribers) {
      if (!subscriber->fresh) subscriber->tell(event);
    }
  }
}

Subscription::Subscription(std::shared_ptr<ListenerState> state,
                           std::shared_ptr<Subscriber> subscriber)
    : state_(std::move(state)), subscriber_(std::move(subscriber)) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    end();
    state_ = std::move(other.state_);
    subscriber_ = std::move(other.subscriber_);
  }
  return *this;
}

Subscription::~Subscription() {
  end();
}

void Subscription::end() noexcept {
  if (!subscriber_) return;
  subscriber_->end();
  state_->change([](ListenerState&) {});
  subscriber_.reset();
}

Listener::Listener(asio::any_io_executor executor, PoolOptions options) {
  if (options.pgbouncer) {
    throw Error(ErrorKind::configuration, "LISTEN does not work through PgBouncer");
  }
  state_ = std::make_shared<ListenerState>(executor, std::move(options));
  asio::co_spawn(state_->strand, ListenerState::run(state_), asio::detached);
}

Listener::~Listener() {
  close();
}

Subscription Listener::subscribe(std::string channel,
                                 std::function<void(const ChannelEvent&)> on_event) {
  return add(std::move(channel), std::move(on_event), {});
}

Subscription Listener::add(std::string channel, std::function<void(const ChannelEvent&)> on_event,
                           std::function<void()> on_close) {
  (void)quote_identifier(channel);  // refuses what is no name
  if (state_->closed) throw Error(ErrorKind::closed, "the listener is closed");
  auto subscriber =
      std::make_shared<Subscription::Subscriber>(std::move(on_event), std::move(on_close));
  state_->change([channel = std::move(channel), subscriber](ListenerState& state) {
    if (!state.closed) state.channels[channel].subscribers.push_back(subscriber);
  });
  return {state_, std::move(subscriber)};
}

void Listener::close() {
  if (state_->closed.exchange(true)) return;
  state_->change([](ListenerState& state) {
    for (const auto& [name, channel] : state.channels) {
      for (const auto& subscriber : channel.subscribers) subscriber->close();
    }
  });
}

}  // namespace loci::pg
