#pragma once
#include <loci/pg/pool.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pg/awaiting.hpp"
#include "pg/connection.hpp"
#include "pg/head_pace.hpp"
#include "pg/observer.hpp"

namespace loci::pg {

/// A connection on which the reads of many callers travel at once, pipelined, each in a Sync group
/// of its own, so that neither an error nor a setting of one reaches the others.
///
/// No coroutine drives it. Whoever submits first schedules a pump, which sends all that has
/// gathered by then in one write; whoever finds the socket readable takes all answers there are,
/// sends what waits, and only then, without the lock, completes the callers. Nothing is ever
/// cancelled on the server (fact F7): a caller who gives up leaves its entry behind, and until that
/// has been answered the connection is held: it takes nothing new. Nor does it while its server is
/// at one statement for long, however patient who waits for that is.
///
/// What is under way is bounded by its depth: the lane admits no request of more than 16 kB, nor
/// what proved large, so that is 4 MB of requests at most, and of answers what libpq reads at once.
///
/// Law one: an answer that is not the one expected ends the connection, and with it every entry on
/// it. Any thread.
class SharedConnection : public std::enable_shared_from_this<SharedConnection> {
public:
  using Handler = Awaiting<Result>;
  /// Told once, from any thread, that it takes nothing more for ever.
  using Gone = std::function<void(SharedConnection&)>;
  /// Whether somebody waits for a connection of its own. Any thread; it takes no lock of ours.
  using Starved = std::function<bool()>;

  SharedConnection(boost::asio::any_io_executor executor, Lease lease,
                   std::shared_ptr<Observer> observer, Gone on_gone, Starved starved);
  void start();  ///< Once, before anything else. Errors: Error{io}.

  /// Sends a request and completes with its result: the server's error stays in it. `record` is one
  /// of the observer's; the request outlives the call. Errors: timeout, cancelled, connection_lost,
  /// closed (it was not sent: choose another).
  [[nodiscard]] boost::asio::awaitable<Result> run(const Request& request, StatementRecord& record,
                                                   Deadline deadline);

  /// Entries not answered yet.
  [[nodiscard]] std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool takes_more(Deadline::Clock::time_point now) const noexcept {
    const std::size_t under_way = load();
    return taking_.load(std::memory_order_relaxed) && under_way < k_max_depth &&
           (under_way == 0 || now < head_due_.load(std::memory_order_relaxed));
  }
  /// Goes back to the pool as soon as it has had nothing to do for a moment, if somebody still
  /// waits for a connection then. Reads that keep coming keep it: who waits has the pool's others.
  void wanted();
  /// Takes nothing new; goes back to the pool as soon as all is answered.
  void retire();
  /// Fails what is under way, at once.
  void close();
  [[nodiscard]] bool over();  ///< It has ended, and its connection is back.

private:
  using Clock = Deadline::Clock;
  static constexpr std::size_t k_max_depth = 256;
  static constexpr std::chrono::milliseconds k_idle_time{10'000};  // then it goes back to the pool
  static constexpr std::chrono::milliseconds k_spare_time{5};      // the same, when it is wanted

  struct Entry {
    std::uint64_t id = 0;
    const Request* request = nullptr;  // until it is sent
    StatementRecord* record = nullptr;
    Statement statement;
    std::shared_ptr<const std::string> text;  // the statement's, where it is no literal
    Deadline deadline = Deadline::never();
    Handler handler;               // empty: nobody waits any more
    std::optional<Result> result;  // its own, or the first failure before it in its group
    Clock::time_point submitted_at{};
    Clock::time_point sent_at{};
    std::uint64_t prepared = 0;  // which of the connection's statements was executed
    std::uint16_t commands = 0;  // how many results are to come
    std::uint16_t step = 0;      // of the answers: result, NULL, result, NULL, ..., Sync
    bool timed = false;          // the server was told how long it may take
    bool prepares = false;
  };
  struct Done {
    Handler handler;
    std::exception_ptr failure;
    std::optional<Result> result;
  };
  using Lock = std::unique_lock<std::mutex>;
  enum class Completion : std::uint8_t { here, later };

  void submit(const Request& request, StatementRecord& record, Deadline deadline, Handler handler);
  void pump();
  void readable(const boost::system::error_code& error);
  void writable(const boost::system::error_code& error);
  void timer_fired();
  void give_up(std::uint64_t id);
  void abandon(Entry& entry, const Error& error);
  void arm(Clock::time_point at);
  [[nodiscard]] Clock::time_point next_event();
  [[nodiscard]] Clock::time_point spare_at() const {
    return idle_since_ + (wanted_ ? k_spare_time : k_idle_time);
  }
  template <class Step>
  void work(Step step);
  void break_off(const Error& error);
  void complete(Entry& entry, std::exception_ptr failure);
  void run_done(Lock lock, Completion completion);

  // What goes over the wire: shared_connection_wire.cpp.
  void send_pending(Clock::time_point now);
  void send(Entry& entry, Clock::time_point now);
  void make_room(Entry& entry);
  void send_settings(Entry& entry, const std::string& sql);
  void send_timeout(Entry& entry, Clock::time_point now);
  void take_answers(Clock::time_point now);
  bool take(Entry& entry, PgResultPtr result);
  void finish(Entry& entry, Clock::time_point now, bool first);
  void begin_head(Clock::time_point now);
  [[nodiscard]] Clock::duration running_for(const Entry& head, Clock::time_point now) const;
  void flush();
  void wait_readable();
  [[nodiscard]] PGconn* connection() { return lease_->connection().raw(); }
  [[nodiscard]] StatementCache& statements() { return lease_->connection().statements(); }
  [[noreturn]] void lost();

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<Observer> observer_;  // what the entries point into
  const Gone on_gone_;
  const Starved starved_;
  std::atomic<std::size_t> load_ = 0;
  std::atomic<bool> taking_ = true;
  // When the front of in_flight_ has waited for too long.
  std::atomic<Clock::time_point> head_due_ = Clock::time_point{};

  std::mutex mutex_;  // guards all below; never held while a caller is completed
  std::optional<Lease> lease_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  Clock::time_point armed_ = Clock::time_point::max();
  std::deque<Entry> pending_;    // not sent yet
  std::deque<Entry> in_flight_;  // in the order of their answers
  std::vector<Done> done_;       // to be completed once the lock is free
  std::vector<Done> spare_;      // the room of an earlier done_
  std::uint64_t next_id_ = 1;
  Clock::time_point head_since_{};  // when the server could begin with the front of in_flight_
  HeadPace pace_;
  Clock::time_point idle_since_ = Clock::now();
  Clock::time_point held_since_{};
  std::size_t abandoned_ = 0;  // entries in flight that nobody waits for
  bool pumping_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool wanted_ = false;
  bool retiring_ = false;
  bool gone_ = false;
};

}  // namespace loci::pg
