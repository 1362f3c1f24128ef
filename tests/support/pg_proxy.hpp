#pragma once
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pg/conninfo.hpp"
#include "support/pg_listener.hpp"
#include "support/proxy_pipe.hpp"

namespace loci::test {

/// A bad network in front of a PostgreSQL: forwards connections to the server's unix socket, and
/// does to their bytes what a test says. It knows where messages begin. No TLS.
///
/// One thread of its own. Thread safety: every member from any thread; the planner is called on the
/// proxy's thread.
class PgProxy {
public:
  struct Plan {
    Faults to_server;
    Faults to_client;
  };
  /// Decides about a new connection, given a random number that depends on the seed and on how many
  /// connections there were before.
  using Planner = std::function<Plan(std::uint64_t random)>;

  /// In front of the server that `upstream` names by the folder of its socket.
  explicit PgProxy(const std::string& upstream, std::uint64_t seed = 1,
                   PgListener::At at = PgListener::At::unix_socket)
      : listener_(at), random_(seed), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    dsn_ = listener_.address();
    const auto parsed = pg::parse_conninfo(upstream);
    for (const PQconninfoOption* item = parsed.get(); item->keyword != nullptr; ++item) {
      if (item->val == nullptr) continue;
      const std::string_view keyword = item->keyword;
      if (keyword == "host") server_ = PgListener::unix_address(item->val);
      if (keyword == "dbname" || keyword == "user") {
        dsn_ += " " + std::string(keyword) + "=" + item->val;
      }
    }
    thread_ = std::thread([this] { run(); });
  }
  PgProxy(const PgProxy&) = delete;
  PgProxy& operator=(const PgProxy&) = delete;
  ~PgProxy() {
    change([this] { stopping_ = true; });
    thread_.join();
  }

  /// How to reach the same database as the same user through the proxy.
  [[nodiscard]] const std::string& dsn() const { return dsn_; }

  /// What befalls the connections that there are and those to come.
  void set(const Plan& plan) {
    change([&] {
      planner_ = [plan](std::uint64_t) { return plan; };
      for (Link& link : links_) link.set(plan);
    });
  }
  /// Who decides about connections to come.
  void plan(Planner planner) {
    change([&] { planner_ = std::move(planner); });
  }
  /// What befalls the connections that there are, and no others.
  void set_present(const Plan& plan) {
    change([&] {
      for (Link& link : links_) link.set(plan);
    });
  }

  [[nodiscard]] std::size_t connections() const {
    const std::scoped_lock lock(mutex_);
    return links_.size();
  }
  /// How many there ever were.
  [[nodiscard]] std::uint64_t accepted() const {
    const std::scoped_lock lock(mutex_);
    return accepted_;
  }
  /// How many messages of a type have begun, on the connections that there are.
  [[nodiscard]] std::uint64_t seen_to_server(char type) const {
    return seen(&Link::to_server, type);
  }
  [[nodiscard]] std::uint64_t seen_to_client(char type) const {
    return seen(&Link::to_client, type);
  }

private:
  using Fd = pg::embedded::Fd;
  using Time = ProxyPipe::Time;

  struct Link {
    Fd client;
    Fd server;
    ProxyPipe to_server;
    ProxyPipe to_client;
    bool broken = false;
    void set(const Plan& plan) {
      const Time now = ProxyPipe::Clock::now();
      to_server.set(plan.to_server, now);
      to_client.set(plan.to_client, now);
    }
    [[nodiscard]] bool over() const { return broken || to_server.over() || to_client.over(); }
  };

  template <class Change>
  void change(Change make) {
    {
      const std::scoped_lock lock(mutex_);
      make();
    }
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }
  std::uint64_t seen(ProxyPipe Link::* pipe, char type) const {
    const std::scoped_lock lock(mutex_);
    std::uint64_t sum = 0;
    for (const Link& link : links_) sum += (link.*pipe).seen(type);
    return sum;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const Time now = ProxyPipe::Clock::now();
      std::vector<pollfd> sockets{{wake_.get(), POLLIN, 0}, {listener_.descriptor(), POLLIN, 0}};
      std::optional<Time> next;
      for (Link& link : links_) {
        sockets.push_back(interest(link.client, link.to_server, link.to_client, now));
        sockets.push_back(interest(link.server, link.to_client, link.to_server, now));
        for (const ProxyPipe* pipe : {&link.to_server, &link.to_client}) {
          const auto wakes = pipe->wakes(now);
          if (wakes && (!next || *wakes < *next)) next = wakes;
        }
      }
      lock.unlock();
      wait(sockets, next, now);
      lock.lock();
      work(sockets);
      if (sockets[1].revents != 0) accept();
    }
  }

  static void wait(std::vector<pollfd>& sockets, const std::optional<Time>& next, Time now) {
    timespec patience{};
    if (next) {
      const auto left = std::max<std::int64_t>(0, std::chrono::nanoseconds(*next - now).count());
      patience = {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    }
    ::ppoll(sockets.data(), sockets.size(), next ? &patience : nullptr, nullptr);
  }

  // What to wait for on one end, which `in` reads from and `out` writes to.
  static pollfd interest(const Fd& end, const ProxyPipe& in, const ProxyPipe& out, Time now) {
    short events = 0;
    if (in.reads()) events |= POLLIN;
    if (in.stalled()) events |= POLLRDHUP;
    if (!out.ready(now, heard(end, out)).empty()) events |= POLLOUT;
    // Left out rather than asked for nothing: an end that hung up would be reported all the time.
    return {.fd = events == 0 ? -1 : end.get(), .events = events, .revents = 0};
  }

  static bool heard(const Fd& end, const ProxyPipe& out) {
    int unread = 0;
    return !out.slices() || ::ioctl(end.get(), SIOCOUTQ, &unread) != 0 || unread == 0;
  }

  // The first two sockets are our own; then two for each link there was.
  void work(const std::vector<pollfd>& sockets) {
    std::uint64_t ignored = 0;
    (void)!::read(wake_.get(), &ignored, sizeof ignored);
    auto link = links_.begin();
    for (std::size_t i = 2; i < sockets.size(); i += 2) {
      const Time now = ProxyPipe::Clock::now();
      link->to_server.advance(now);
      link->to_client.advance(now);
      receive(link->client, link->to_server, sockets[i].revents, now);
      receive(link->server, link->to_client, sockets[i + 1].revents, now);
      send(*link, link->server, link->to_server, now);
      send(*link, link->client, link->to_client, now);
      if (link->over()) {
        end(*link);
        link = links_.erase(link);
      } else {
        ++link;
      }
    }
  }

  static void receive(const Fd& from, ProxyPipe& pipe, short events, Time now) {
    if (pipe.stalled() && (events & (POLLRDHUP | POLLHUP | POLLERR)) != 0) pipe.ended();
    if (!pipe.reads() || (events & (POLLIN | POLLHUP | POLLERR)) == 0) return;
    static thread_local std::string buffer(std::size_t{1} << 16, '\0');
    const ssize_t count = ::recv(from.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
      pipe.take(std::string_view(buffer).substr(0, static_cast<std::size_t>(count)), now);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      pipe.ended();
    }
  }

  static void send(Link& link, const Fd& to, ProxyPipe& pipe, Time now) {
    for (;;) {
      const std::string_view bytes = pipe.ready(now, heard(to, pipe));
      if (bytes.empty()) return;
      const ssize_t count =
          ::send(to.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) link.broken = true;
        return;
      }
      pipe.wrote(static_cast<std::size_t>(count), now);
    }
  }

  static void end(const Link& link) {
    if (!link.to_server.reset() && !link.to_client.reset()) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(link.client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  void accept() {
    Fd client = listener_.accept();
    Fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* address = reinterpret_cast<const sockaddr*>(&server_);
    if (!client || ::connect(server.get(), address, sizeof server_) != 0) return;
    ++accepted_;
    const std::uint64_t forth = random_();
    const std::uint64_t back = random_();
    links_.push_back({std::move(client), std::move(server), {true, forth}, {false, back}});
    const std::uint64_t chance = random_();
    if (planner_) links_.back().set(planner_(chance));
    if (!links_.back().over()) return;
    end(links_.back());
    links_.pop_back();
  }

  PgListener listener_;
  std::string dsn_;
  sockaddr_un server_{};

  mutable std::mutex mutex_;  // guards what follows; not held while waiting
  std::mt19937_64 random_;
  Planner planner_;
  std::list<Link> links_;  // only the thread adds and removes
  std::uint64_t accepted_ = 0;
  bool stopping_ = false;

  Fd wake_;
  std::thread thread_;
};

}  // namespace loci::test
