#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "pg/libpq.hpp"
#include "pg/socket_waiter.hpp"

namespace loci::pg {

/// OIDs of the types that extensions bring: the same for every connection to one database, so looked
/// up once by whoever needs one first. Any thread.
class ExtensionTypes {
public:
  [[nodiscard]] bool known() const;
  /// Errors: Error{configuration} when the extension is not installed in the database.
  [[nodiscard]] std::uint32_t oid(TypeId::Extension type) const;
  void learn(std::unordered_map<std::string, std::uint32_t> oids);

private:
  mutable std::mutex mutex_;
  bool known_ = false;
  std::unordered_map<std::string, std::uint32_t> oids_;
};

struct ExecuteOptions {
  /// A statement without parameters that goes first, in the same Sync group as the first request:
  /// when it fails, that request does not run.
  std::string prefix;
  /// At the deadline, give up at once and close instead of cancelling: for COMMIT.
  bool never_cancel = false;
};

/// One libpq connection, always in pipeline mode except during COPY and scripts. One caller at a time;
/// everything runs on the connection's strand.
///
/// Law one: after any doubt about the position in the stream, clean() is false for ever.
class Connection {
public:
  struct Options {
    std::string conninfo;
    std::map<std::string, std::string> settings;
  };

  /// Errors: Error{connect} with libpq's message; Error{timeout}.
  [[nodiscard]] static boost::asio::awaitable<std::unique_ptr<Connection>> open(
      boost::asio::any_io_executor executor, Options options, std::shared_ptr<ExtensionTypes> types,
      Deadline deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                                    Deadline deadline,
                                                                    ExecuteOptions options = {});
  [[nodiscard]] boost::asio::awaitable<void> script(std::string sql, std::string name,
                                                    Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<Description> describe(std::string sql, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> copy_in(std::string sql, Lease::CopySource next,
                                                              Deadline deadline);

  /// Idle, in no transaction, its stream position known: fit for the next caller.
  [[nodiscard]] bool clean() const noexcept;
  /// Alive and in step, though perhaps in a transaction.
  [[nodiscard]] bool usable() const noexcept;
  /// Nothing has come from the server since the last statement: it has not ended the connection.
  [[nodiscard]] bool quiet() const noexcept;
  [[nodiscard]] bool transaction_failed() const noexcept {
    return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
  }
  void abandon() noexcept { in_step_ = false; }  ///< Never to be used again.
  [[nodiscard]] boost::asio::any_io_executor strand() const { return strand_; }
  [[nodiscard]] int server_pid() const noexcept { return PQbackendPID(connection_.get()); }

private:
  // What is still to come from the server, in order, for the requests in flight.
  struct Expected {
    enum class Kind : std::uint8_t { prefix, prepare, execute, end, sync } kind;
    std::size_t request;
  };
  struct Batch {
    std::vector<Request> requests;
    std::vector<Expected> expected;
    std::vector<Result> results;
    std::size_t next = 0;           // index into expected
    std::optional<Error> failure;  // of a prefix or prepare of the request being read
  };

  Connection(boost::asio::any_io_executor strand, std::shared_ptr<ExtensionTypes> types);

  boost::asio::awaitable<void> handshake(Options options, Deadline deadline);
  boost::asio::awaitable<std::vector<Result>> execute_here(std::vector<Request> requests,
                                                           Deadline deadline, ExecuteOptions options);
  boost::asio::awaitable<std::vector<Result>> attempt(std::vector<Request>& requests,
                                                      Deadline deadline, ExecuteOptions options);
  boost::asio::awaitable<void> script_here(std::string sql, std::string name, Deadline deadline);
  boost::asio::awaitable<Description> describe_here(std::string sql, Deadline deadline);
  boost::asio::awaitable<std::uint64_t> copy_in_here(std::string sql, Lease::CopySource next,
                                                     Deadline deadline);

  void send(Batch& batch, const std::string& prefix);
  void send_request(Batch& batch, std::size_t index);
  boost::asio::awaitable<bool> drain(Batch& batch, Deadline deadline);
  void take_command(Batch& batch, const Expected& expected, PgResultPtr result);
  boost::asio::awaitable<void> flush(Deadline deadline);
  boost::asio::awaitable<bool> wait_result(Deadline deadline);
  boost::asio::awaitable<void> cancel_running();
  boost::asio::awaitable<void> learn_extension_types(Deadline deadline);
  void fill_types(Params& params) const;
  bool forget_stale(const Result& result, const Statement& statement);
  void enter_pipeline();
  void leave_pipeline();
  boost::asio::awaitable<PgResultPtr> simple_result(std::string_view name, Deadline deadline);
  [[noreturn]] void lost();
  [[noreturn]] void out_of_step(std::string_view what);
  void require(int libpq_ok);

  boost::asio::any_io_executor strand_;
  std::shared_ptr<ExtensionTypes> types_;
  PgConnPtr connection_;
  SocketWaiter waiter_;  // closes its dup before PQfinish (fact F6)
  std::unordered_map<std::string, std::string> prepared_;  // SQL -> name on the server
  std::uint64_t statements_ = 0;
  bool in_step_ = true;
};

}  // namespace loci::pg
