// Notifications that come while the connection is idle: in pipeline mode too (F12).
#include "pg/connection_guard.hpp"

namespace loci::pg {

namespace asio = boost::asio;

asio::awaitable<void> Connection::notifications(std::vector<Notification>& into,
                                                Deadline deadline) {
  return guarded(notifications_here(into, deadline), "Listen", false);
}

asio::awaitable<void> Connection::notifications_here(std::vector<Notification>& into,
                                                     Deadline deadline) {
  struct FreeNotify {
    void operator()(PGnotify* notify) const noexcept { PQfreemem(notify); }
  };
  InFlight flight(*this);
  for (;;) {
    bool any = false;
    while (const std::unique_ptr<PGnotify, FreeNotify> notify{PQnotifies(connection_.get())}) {
      into.push_back({notify->relname, notify->extra, notify->be_pid});
      any = true;
    }
    if (any || !in_time(co_await waiter_.wait(Want::read, deadline, cancellation_))) break;
    if (PQconsumeInput(connection_.get()) == 0) lost();
  }
  flight.landed();  // nothing was asked: to stop waiting leaves no doubt
  if (caller_left_) throw Error(ErrorKind::cancelled, "cancelled while waiting for a notification");
}

}  // namespace loci::pg
