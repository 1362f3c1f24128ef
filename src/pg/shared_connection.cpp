#include "pg/shared_connection.hpp"

#include <unistd.h>
#include <algorithm>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace loci::pg {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

namespace {

using namespace std::chrono_literals;
constexpr auto k_hold_time = 10s;  // for an entry nobody waits for; then the connection is ended

std::exception_ptr thrown(Error error) {
  return std::make_exception_ptr(std::move(error));
}

}  // namespace

SharedConnection::SharedConnection(asio::any_io_executor executor, Lease lease,
                                   std::shared_ptr<Observer> observer, Gone on_gone,
                                   Starved starved)
    : executor_(std::move(executor)),
      observer_(std::move(observer)),
      on_gone_(std::move(on_gone)),
      starved_(std::move(starved)),
      lease_(std::move(lease)),
      socket_(executor_),
      timer_(executor_) {}

void SharedConnection::start() {
  const std::scoped_lock lock(mutex_);
  socket_.assign(lease_->connection().lend());
  wait_readable();
  arm(next_event());
}

asio::awaitable<Result> SharedConnection::run(const Request& request, StatementRecord& record,
                                              Deadline deadline) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
      [self = shared_from_this(), &request, &record, deadline](auto handler) {
        self->submit(request, record, deadline, Handler(std::move(handler)));
      },
      asio::use_awaitable);
}

void SharedConnection::submit(const Request& request, StatementRecord& record, Deadline deadline,
                              Handler handler) {
  const auto alive = shared_from_this();  // the caller may go on on another thread before we return
  Lock lock(mutex_);
  Entry entry;
  entry.id = next_id_++;
  entry.request = &request;
  entry.record = &record;
  entry.statement = request.statement;
  entry.text = request.text;
  entry.deadline = deadline;
  entry.submitted_at = Clock::now();
  entry.handler = std::move(handler);
  if (!taking_) {
    complete(entry, thrown(Error(ErrorKind::closed, "the shared connection takes no more")));
    run_done(std::move(lock), Completion::later);
    return;
  }
  const auto slot = asio::get_associated_cancellation_slot(entry.handler);
  if (slot.is_connected()) {
    auto cancellable = slot;
    cancellable.assign([weak = weak_from_this(), id = entry.id](asio::cancellation_type) {
      if (const auto self = weak.lock()) self->give_up(id);
    });
  }
  arm(deadline.at());
  pending_.push_back(std::move(entry));
  load_.fetch_add(1, std::memory_order_relaxed);
  if (std::exchange(pumping_, true)) return;
  asio::post(executor_, [self = shared_from_this()] { self->pump(); });
}

void SharedConnection::pump() {
  Lock lock(mutex_);
  pumping_ = false;
  if (gone_) return;
  work([this] { send_pending(Clock::now()); });
  run_done(std::move(lock), Completion::later);
}

void SharedConnection::readable(const ErrorCode& error) {
  Lock lock(mutex_);
  reading_ = false;
  if (gone_ || error == asio::error::operation_aborted) return;
  work([this] {
    if (PQconsumeInput(connection()) == 0) lost();
    const Clock::time_point now = Clock::now();
    take_answers(now);
    send_pending(now);
    wait_readable();
  });
  run_done(std::move(lock), Completion::here);
}

void SharedConnection::writable(const ErrorCode& error) {
  Lock lock(mutex_);
  writing_ = false;
  if (gone_ || error == asio::error::operation_aborted) return;
  work([this] { flush(); });
  run_done(std::move(lock), Completion::later);
}

void SharedConnection::give_up(std::uint64_t id) {
  Lock lock(mutex_);
  const Error error(ErrorKind::cancelled, "cancelled while waiting for the answer");
  const auto unsent = std::ranges::find(pending_, id, &Entry::id);
  if (unsent != pending_.end()) {
    complete(*unsent, thrown(error));
    pending_.erase(unsent);
    load_.fetch_sub(1, std::memory_order_relaxed);
  } else {
    const auto sent = std::ranges::lower_bound(in_flight_, id, {}, &Entry::id);
    if (sent != in_flight_.end() && sent->id == id) abandon(*sent, error);
  }
  run_done(std::move(lock), Completion::later);
}

// Its answer is still to come, and others wait behind it: nothing new joins them.
void SharedConnection::abandon(Entry& entry, const Error& error) {
  if (!entry.handler) return;
  const Clock::time_point now = Clock::now();
  if (&entry == &in_flight_.front()) entry.record->cost.ran_at_least(running_for(entry, now));
  complete(entry, thrown(error));
  if (abandoned_++ > 0) return;
  held_since_ = now;
  taking_ = false;
  arm(held_since_ + k_hold_time);
  for (Entry& unsent : pending_) {
    complete(unsent, thrown(Error(ErrorKind::closed, "the shared connection is held up")));
  }
  load_.fetch_sub(pending_.size(), std::memory_order_relaxed);
  pending_.clear();
}

void SharedConnection::timer_fired() {
  Lock lock(mutex_);
  armed_ = Clock::time_point::max();
  if (gone_) return;
  const Clock::time_point now = Clock::now();
  const Error late(ErrorKind::timeout, "the deadline passed before the answer came");
  for (Entry& entry : in_flight_) {
    if (entry.deadline.at() <= now) abandon(entry, late);
  }
  const auto expired = std::ranges::stable_partition(
      pending_, [now](const Entry& entry) { return entry.deadline.at() > now; });
  for (Entry& entry : expired) complete(entry, thrown(late));
  load_.fetch_sub(expired.size(), std::memory_order_relaxed);
  pending_.erase(expired.begin(), expired.end());

  if (abandoned_ > 0 && now >= held_since_ + k_hold_time) {
    break_off(Error(ErrorKind::connection_lost, "held up by a statement that nobody waits for"));
  } else if (lease_->connection().tenure().expired(now)) {
    retiring_ = true;
  } else if (load() == 0 && now >= spare_at()) {
    const bool needless = wanted_ && !starved_();
    if (needless) wanted_ = false;
    retiring_ = retiring_ || !needless;
  }
  if (retiring_) taking_ = false;
  arm(next_event());
  run_done(std::move(lock), Completion::later);
}

SharedConnection::Clock::time_point SharedConnection::next_event() {
  Clock::time_point next =
      retiring_ ? Clock::time_point::max() : lease_->connection().tenure().expires;
  for (const auto* entries : {&in_flight_, &pending_}) {
    for (const Entry& entry : *entries) {
      if (entry.handler) next = std::min(next, entry.deadline.at());
    }
  }
  if (abandoned_ > 0) next = std::min(next, held_since_ + k_hold_time);
  if (load() == 0) next = std::min(next, spare_at());
  return next;
}

// The timer stays set for the earliest moment asked for, and asks again when it fires: most
// deadlines never come, and setting it for each would cost more than the statement.
void SharedConnection::arm(Clock::time_point at) {
  if (at >= armed_) return;
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (self && !error) self->timer_fired();
  });
}

void SharedConnection::wanted() {
  const Lock lock(mutex_);
  wanted_ = true;
  if (load() == 0 && !gone_) arm(spare_at());
}

void SharedConnection::retire() {
  Lock lock(mutex_);
  retiring_ = true;
  taking_ = false;
  run_done(std::move(lock), Completion::later);
}

void SharedConnection::close() {
  Lock lock(mutex_);
  break_off(Error(ErrorKind::closed, "the pool is closed"));
  run_done(std::move(lock), Completion::later);
}

bool SharedConnection::over() {
  const Lock lock(mutex_);
  return gone_;
}

template <class Step>
void SharedConnection::work(Step step) {
  try {
    step();
  } catch (const Error& error) {
    break_off(error);
  }
}

// Reads change nothing, so their outcome is never in doubt; the callers may ask again elsewhere.
void SharedConnection::break_off(const Error& error) {
  if (gone_) return;
  const Clock::time_point now = Clock::now();
  for (Entry& entry : in_flight_) {
    if (entry.request != nullptr) continue;  // which was never sent
    observer_->ended(*entry.record, {.statement = entry.statement,
                                     .lane = Lane::shared,
                                     .wait = entry.sent_at - entry.submitted_at,
                                     .run = now - entry.sent_at,
                                     .rows = 0,
                                     .bytes = 0,
                                     .error = &error});
  }
  for (auto* entries : {&in_flight_, &pending_}) {
    for (Entry& entry : *entries) complete(entry, thrown(error));
    entries->clear();
  }
  load_ = 0;
  abandoned_ = 0;
  taking_ = false;
  lease_->connection().abandon();
  retiring_ = true;
}

void SharedConnection::complete(Entry& entry, std::exception_ptr failure) {
  if (!entry.handler) return;
  // Who gave up leaves the result behind: the end of its group may still be to come.
  std::optional<Result> result;
  if (!failure) result = std::exchange(entry.result, std::nullopt);
  done_.push_back({std::move(entry.handler), std::move(failure), std::move(result)});
  entry.request = nullptr;
}

// Never inside the call that a caller is still making; a handler of our own may go on as the
// caller.
void SharedConnection::run_done(Lock lock, Completion completion) {
  std::optional<Lease> over;
  if (retiring_ && !gone_ && load() == 0) {
    ErrorCode ignored;
    socket_.close(ignored);  // NOLINT(bugprone-unused-return-value)
    timer_.cancel();
    work([this] {
      if (lease_->connection().lent()) lease_->connection().take_back();
    });
    gone_ = true;
    taking_ = false;
    over = std::exchange(lease_, std::nullopt);
  }
  std::vector<Done> done = std::exchange(done_, std::move(spare_));
  lock.unlock();
  for (Done& each : done) {
    const auto executor = asio::get_associated_executor(each.handler, executor_);
    Result result = each.result ? std::move(*each.result) : Result(nullptr);
    auto call = asio::append(std::move(each.handler), std::move(each.failure), std::move(result));
    if (completion == Completion::here) {
      asio::dispatch(executor, std::move(call));
    } else {
      asio::post(executor_, std::move(call));  // and on to the executor of the handler
    }
  }
  done.clear();
  if (over) {
    over.reset();
    on_gone_(*this);
    return;
  }
  lock.lock();
  spare_ = std::move(done);  // its room is used again
}

}  // namespace loci::pg
