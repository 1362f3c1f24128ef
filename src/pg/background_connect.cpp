#include "pg/background_connect.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

namespace loci::pg {
namespace {

// For a server of several, where nobody has set a limit.
constexpr auto k_patience = std::chrono::seconds(10);

// The program's signals are for the program's own threads.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
  sigset_t before_{};
};

// For poll(), in milliseconds: not for long, since nobody may want the connection any more.
int time_left(Deadline deadline) {
  constexpr std::int64_t most = 250;
  if (deadline.is_never()) return most;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline.at() - Deadline::Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, most));
}

// Of the time there is, for one of so many servers.
Deadline share_of(Deadline deadline, std::size_t servers) {
  if (deadline.is_never()) return servers > 1 ? Deadline::after(k_patience) : deadline;
  const auto left = deadline.at() - Deadline::Clock::now();
  return Deadline(Deadline::Clock::now() + left / static_cast<int>(servers));
}

}  // namespace

struct BackgroundConnect::Shared {
  Shared() : done_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (done_event < 0) throw Error(ErrorKind::io, "cannot connect: out of file descriptors");
  }
  ~Shared() { ::close(done_event); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  const int done_event;
  std::mutex mutex;
  bool done = false;
  PgConnPtr connection;
};

BackgroundConnect::BackgroundConnect(Conninfo info, StartConnect start, Deadline deadline)
    : shared_(std::make_shared<Shared>()) {
  const SignalsBlocked blocked;  // inherited by the thread
  try {
    std::thread([shared = shared_, info = std::move(info), start = std::move(start), deadline] {
      connect(shared, info, start, deadline);
    }).detach();
  } catch (const std::system_error&) {
    throw Error(ErrorKind::io, "cannot connect: the system refuses one more thread");
  }
}

int BackgroundConnect::descriptor() const noexcept {
  return shared_->done_event;
}

std::optional<PgConnPtr> BackgroundConnect::take() {
  const std::scoped_lock lock(shared_->mutex);
  if (!shared_->done) return std::nullopt;
  return std::move(shared_->connection);
}

void BackgroundConnect::connect(const std::shared_ptr<Shared>& shared, Conninfo info,
                                const StartConnect& start, Deadline deadline) {
  const auto unwanted = [&] { return deadline.passed() || shared.use_count() == 1; };
  PgConnPtr connection = info.start(start);
  // A server that does not answer in its share of the time, or that ends the connection without a
  // word, is left out, and the others are tried anew: libpq goes on by itself only from one that
  // refuses.
  for (;;) {
    const bool over = try_servers(connection.get(), info.servers(), deadline, unwanted);
    const bool dropped = over && !unwanted() && PQstatus(connection.get()) == CONNECTION_BAD &&
                         connect_failure(connection.get()).sqlstate().empty();
    if (over && !dropped) break;
    if (info.strike(connection.get())) {
      connection = info.start(start);
    } else {
      if (!over) (void)try_servers(connection.get(), 1, deadline, unwanted);
      break;
    }
  }
  const std::scoped_lock lock(shared->mutex);
  shared->connection = std::move(connection);
  shared->done = true;
  const std::uint64_t one = 1;
  (void)!::write(shared->done_event, &one, sizeof one);
}

// True when it is over, one way or the other; false when a server took more than its share.
bool BackgroundConnect::try_servers(PGconn* connection, std::size_t servers, Deadline deadline,
                                    const std::function<bool()>& unwanted) {
  std::string trying;
  Deadline share = deadline;
  PostgresPollingStatusType state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    std::string server = std::string(PQhost(connection)) + ' ' + PQport(connection);
    if (server != trying) {
      trying = std::move(server);
      share = share_of(deadline, servers);
    }
    pollfd socket{.fd = PQsocket(connection),
                  .events = static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                  .revents = 0};
    if (::poll(&socket, 1, time_left(share)) > 0) state = PQconnectPoll(connection);
    if (unwanted()) return true;
    if (servers > 1 && share.passed()) return state == PGRES_POLLING_OK;
  }
  return true;
}

}  // namespace loci::pg
