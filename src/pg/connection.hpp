#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pg/conninfo.hpp"
#include "pg/database_types.hpp"
#include "pg/libpq.hpp"
#include "pg/observer.hpp"
#include "pg/socket_waiter.hpp"
#include "pg/statement_cache.hpp"
#include "pg/tenure.hpp"

namespace loci::pg {

struct ExecuteOptions {
  /// A statement without parameters that goes first, in one Sync group with all the requests: when
  /// it or a request fails, none of those after it runs.
  std::string prefix;
  /// At the deadline, give up at once and close instead of cancelling: for COMMIT.
  bool never_cancel = false;
  /// Parse every request anew: COMMIT must not fail because a prepared statement is gone.
  bool unprepared = false;
  /// The last request is COMMIT: all go in one Sync group, so that none after a failure runs, and
  /// the last is parsed anew.
  bool ends_with_commit = false;
  /// All of it stands in a transaction that a later call commits: a loss undoes it for certain.
  bool uncommitted = false;
};

/// One libpq connection, always in pipeline mode except during COPY and scripts. One caller at a
/// time, on the caller's own executor; handing it on is what orders one caller's work before the
/// next.
///
/// Law one: a connection whose position in the stream is in doubt is never usable() again.
class Connection {
public:
  using Clock = Deadline::Clock;
  struct Options {
    std::string conninfo;
    std::map<std::string, std::string> settings;
    StartConnect start = {};  ///< Empty: libpq's own.
    std::size_t statement_cache = 256;
    bool pgbouncer = false;
    ConninfoDefaults defaults = {};
    std::shared_ptr<Observer> observer = {};  ///< Null: nobody looks on.
    std::chrono::milliseconds cancel_patience{40};
  };

  /// Errors: Error{connect} with libpq's message; Error{timeout}; Error{cancelled}.
  [[nodiscard]] static boost::asio::awaitable<std::unique_ptr<Connection>> open(
      boost::asio::any_io_executor executor, Options options, std::shared_ptr<DatabaseTypes> types,
      Deadline deadline);

  /// Ends a connection. A statement that still runs on the server is asked to stop first, unless it
  /// is a COMMIT. Completes when all is over.
  [[nodiscard]] static boost::asio::awaitable<void> end(std::unique_ptr<Connection> connection);
  static void end_later(std::unique_ptr<Connection> connection);  ///< end(), not waited for.

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                                    Deadline deadline,
                                                                    ExecuteOptions options = {});
  [[nodiscard]] boost::asio::awaitable<void> script(std::string sql, std::string name,
                                                    Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<Description> describe(std::string sql, Deadline deadline);
  /// The plan that a statement with parameters gets whatever they are, a line each.
  [[nodiscard]] boost::asio::awaitable<std::string> generic_plan(std::string sql,
                                                                 Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::vector<KnownType>> know_types(std::vector<TypeId> types,
                                                                          Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> copy_in(std::string sql,
                                                              Lease::CopySource next,
                                                              Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::unique_ptr<Reading>> copy_out(std::string sql,
                                                                          Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::span<const CopyRow>> next_copied(Reading& reading);
  [[nodiscard]] boost::asio::awaitable<void> stop_copy(Reading& reading);
  [[nodiscard]] boost::asio::awaitable<std::unique_ptr<Reading>> stream(Request request,
                                                                        int chunk_rows,
                                                                        Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::optional<Result>> next_chunk(Reading& reading);
  [[nodiscard]] boost::asio::awaitable<void> stop_stream(Reading& reading);

  struct Notification {
    std::string channel;
    std::string payload;
    int server_pid;
  };
  /// Waits until notifications have come or the deadline passed; they are put behind those in
  /// `into`, which must live until then. A cancelled wait leaves the connection as it was.
  [[nodiscard]] boost::asio::awaitable<void> notifications(std::vector<Notification>& into,
                                                           Deadline deadline);

  /// Asks the server for a sign of life with a bare Sync (fact F13). Errors: connection_lost,
  /// timeout.
  [[nodiscard]] boost::asio::awaitable<void> probe(Deadline deadline);

  /// Idle, in no transaction, its stream position known: fit for the next caller.
  [[nodiscard]] bool clean() const noexcept;
  /// Alive and in step, though perhaps in a transaction.
  [[nodiscard]] bool usable() const noexcept;
  /// As far as can be told without asking: it reads what has come since the last statement, which
  /// may be that the server has ended it. For an idle connection.
  [[nodiscard]] bool alive() noexcept;
  /// The server says that a transaction is open, failed or not.
  [[nodiscard]] bool in_transaction() const noexcept;
  [[nodiscard]] bool transaction_failed() const noexcept;
  void abandon() noexcept { stream_ = Stream::broken; }  ///< Never to be used again.

  // For a SharedConnection, which does its own sending and waiting on a connection lent to it.
  [[nodiscard]] int lend();  ///< A dup of the socket, the borrower's to close. Errors: Error{io}.
  void take_back();          ///< In step again; only when nothing is under way.
  [[nodiscard]] bool lent() const noexcept { return stream_ == Stream::in_flight; }
  [[nodiscard]] PGconn* raw() const noexcept { return connection_.get(); }
  [[nodiscard]] StatementCache& statements() noexcept { return prepared_; }

  [[nodiscard]] Fault fault() const noexcept;
  void note_fault(const PGresult* failure) noexcept;  ///< An error result may tell of one.
  /// The server refuses to write, by itself or by its default: a standby, or a former primary.
  [[nodiscard]] bool read_only_server() const noexcept;
  /// It was otherwise when the connection was opened.
  [[nodiscard]] bool role_changed() const noexcept {
    return read_only_server() != tenure_.read_only_server;
  }
  [[nodiscard]] Tenure& tenure() noexcept { return tenure_; }
  [[nodiscard]] int server_pid() const noexcept { return PQbackendPID(connection_.get()); }

private:
  friend struct Reading;

  // Where we are in the server's answers. Whoever sends holds an InFlight until all is read.
  enum class Stream : std::uint8_t { in_step, in_flight, broken };
  class InFlight;

  // What is still to come from the server, in order, for the requests in flight.
  struct Expected {
    enum class Kind : std::uint8_t { prefix, close, prepare, execute, end, sync } kind;
    std::size_t request;          // of a close: index into closing
    bool commits = false;         // a sync: of one statement, which it commits
    std::uint64_t statement = 0;  // an execute: which of the prepared ones
  };
  struct Batch {
    std::vector<Request> requests;
    std::vector<Expected> expected;
    std::vector<Result> results;
    std::vector<std::string> closing;  // names of evicted statements
    std::size_t next = 0;              // index into expected
    bool cancelled = false;            // its statements are asked to stop
    bool ends_with_commit = false;
    bool commit_failed = false;           // at the Sync being waited for
    Clock::time_point since{};            // when the statement whose answer is next could begin
    std::optional<Error> prefix_failure;  // then no request of its group ran
    std::unordered_map<std::string_view, Error> unparsed;  // SQL whose Parse failed
  };
  // To what was sent outside pipeline mode.
  struct Answer {
    PgResultPtr result;
    std::optional<Error> error;
  };

  Connection(boost::asio::any_io_executor executor, std::shared_ptr<DatabaseTypes> types,
             const Options& options);

  // Runs work, and says of an error what it means for the caller.
  template <class T>
  boost::asio::awaitable<T> guarded(boost::asio::awaitable<T> work, std::string name, bool writes);

  boost::asio::awaitable<void> handshake(Options options, Deadline deadline);
  boost::asio::awaitable<void> start(const Options& options, Deadline deadline);
  boost::asio::awaitable<void> probe_here(Deadline deadline);
  boost::asio::awaitable<std::vector<Result>> execute_here(std::vector<Request> requests,
                                                           Deadline deadline,
                                                           ExecuteOptions options);
  boost::asio::awaitable<std::vector<Result>> attempt(std::vector<Request>& requests,
                                                      Deadline deadline, ExecuteOptions options);
  boost::asio::awaitable<void> retry_stale(std::vector<Request>& requests,
                                           std::vector<Result>& results, Deadline deadline,
                                           bool allowed);
  boost::asio::awaitable<void> script_here(std::string sql, std::string name, Deadline deadline);
  boost::asio::awaitable<Description> describe_here(std::string sql, Deadline deadline);
  boost::asio::awaitable<std::string> generic_plan_here(std::string sql, Deadline deadline);
  boost::asio::awaitable<std::uint64_t> copy_in_here(std::string sql, Lease::CopySource next,
                                                     Deadline deadline);
  boost::asio::awaitable<std::exception_ptr> put_rows(Lease::CopySource& next, Deadline deadline);
  [[nodiscard]] static std::uint64_t copied_rows(const Answer& answer);

  boost::asio::awaitable<std::unique_ptr<Reading>> copy_out_here(std::string sql,
                                                                 Deadline deadline);
  boost::asio::awaitable<std::span<const CopyRow>> next_copied_here(Reading& reading);
  boost::asio::awaitable<bool> read_copy(Reading& reading, Deadline deadline);
  boost::asio::awaitable<void> cancel_copy(Reading& reading);
  boost::asio::awaitable<void> stop_copy_here(Reading& reading);
  void end_copy(Reading& reading);

  boost::asio::awaitable<std::unique_ptr<Reading>> stream_here(Request request, int chunk_rows,
                                                               Deadline deadline);
  boost::asio::awaitable<void> start_stream(Reading& reading, int chunk_rows);
  boost::asio::awaitable<std::optional<Result>> next_chunk_here(Reading& reading);
  [[nodiscard]] Error stopped_stream(const Reading& reading) const;
  boost::asio::awaitable<void> stop_stream_here(Reading& reading);

  boost::asio::awaitable<void> notifications_here(std::vector<Notification>& into,
                                                  Deadline deadline);

  boost::asio::awaitable<void> make_sendable(std::vector<Request>& requests, Deadline deadline);
  void refuse_unsendable(const Request& request) const;
  void send(Batch& batch, const ExecuteOptions& options);
  void send_plain(Batch& batch, const std::string& sql);
  void send_request(Batch& batch, std::size_t index, bool prepared);
  const char* prepare(Batch& batch, std::size_t index);
  [[nodiscard]] std::string with_settings(std::string sql) const;
  void send_sync(Batch& batch, std::size_t request, bool commits);
  boost::asio::awaitable<bool> drain(Batch& batch, Deadline deadline);
  boost::asio::awaitable<void> cancel(Batch& batch);
  void take_next(Batch& batch);
  static void noticed(void* self, const PGresult* notice);
  PgResultPtr take_result();
  void take_command(Batch& batch, const Expected& expected, PgResultPtr result);
  bool take_sync(Batch& batch, const Expected& expected, PgResultPtr result);
  [[nodiscard]] Result failed(const Batch& batch, Result result) const;
  void observe(Batch& batch, const Statement& statement, const Result& result);
  void observe_unanswered(const Batch& batch, const Error& error);
  boost::asio::awaitable<bool> flush(Deadline deadline);
  boost::asio::awaitable<bool> wait_result(Deadline deadline);
  boost::asio::awaitable<void> cancel_running(Deadline deadline);
  boost::asio::awaitable<std::vector<KnownType>> know_types_here(std::vector<TypeId> types,
                                                                 Deadline deadline);
  boost::asio::awaitable<void> learn_types(std::vector<TypeId> types, Deadline deadline);
  void enter_pipeline();
  void leave_pipeline();
  boost::asio::awaitable<Answer> simple_answer(std::string_view name, Deadline deadline);
  [[nodiscard]] bool in_time(Woken woken) noexcept;
  [[nodiscard]] ErrorKind why_stopped() const noexcept;
  [[nodiscard]] Error stopped_error(std::string_view name) const;
  [[noreturn]] void lost() const;
  void require(int libpq_ok) const;

  boost::asio::any_io_executor executor_;
  std::shared_ptr<DatabaseTypes> types_;
  PgConnPtr connection_;
  SocketWaiter waiter_;  // closes its dup before PQfinish (fact F6)
  StatementCache prepared_;
  const std::shared_ptr<Observer> observer_;
  const std::chrono::milliseconds cancel_patience_;  // for the answer to a cancel
  const std::string settings_;  // behind PgBouncer: the statement that each transaction begins with
  Stream stream_ = Stream::in_step;
  Tenure tenure_;
  Fault fault_ = Fault::none;
  bool dismissed_ = false;   // the server has said its last word
  bool committing_ = false;  // what is in flight must not be cancelled
  bool undone_ = false;      // what is in flight has no effect when the connection is lost now
  // Of the call under way: whether a cancellation of its caller ends it, and whether one has.
  Cancellation cancellation_ = Cancellation::ignored;
  bool caller_left_ = false;
};

/// What holds a connection while its stream position is unknown. Unless landed() is reached, by
/// whatever way the scope is left, the connection is broken.
class Connection::InFlight {
public:
  /// Errors: Error{connection_lost} when it is not usable, Error{invalid_argument} when another
  /// caller is using it.
  explicit InFlight(Connection& connection);
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  void landed() noexcept { connection_.stream_ = Stream::in_step; }

private:
  Connection& connection_;
};

}  // namespace loci::pg
