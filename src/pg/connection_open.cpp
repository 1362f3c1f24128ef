#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "pg/background_connect.hpp"
#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

void still_wanted(Woken woken) {
  if (woken == Woken::late) throw Error(ErrorKind::timeout, "no connection by the deadline");
  if (woken == Woken::cancelled) throw Error(ErrorKind::cancelled, "cancelled while connecting");
}

}  // namespace

asio::awaitable<std::unique_ptr<Connection>> Connection::open(asio::any_io_executor executor,
                                                              Options options,
                                                              std::shared_ptr<DatabaseTypes> types,
                                                              Deadline deadline) {
  std::unique_ptr<Connection> connection(
      new Connection(std::move(executor), std::move(types), options));
  try {
    co_await connection->handshake(std::move(options), deadline);
  } catch (const boost::system::system_error& error) {
    end_later(std::move(connection));
    throw Error(ErrorKind::cancelled, std::string("connect: ") + error.what());
  } catch (...) {
    end_later(std::move(connection));
    throw;
  }
  co_return connection;
}

asio::awaitable<void> Connection::handshake(Options options, Deadline deadline) {
  co_await start(options, deadline);
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    if (deadline.passed()) throw Error(ErrorKind::timeout, "no connection by the deadline");
    throw connect_failure(connection_.get());
  }
  PQsetNoticeReceiver(connection_.get(), noticed, this);
  // PQerrorMessage() then leaves out DETAIL, which may quote row data; results keep the field.
  PQsetErrorVerbosity(connection_.get(), PQERRORS_TERSE);
  waiter_.watch(PQsocket(connection_.get()));
  if (PQsetnonblocking(connection_.get(), 1) != 0) lost();
  enter_pipeline();
}

// Leaves connection_ open or failed.
asio::awaitable<void> Connection::start(const Options& options, Deadline deadline) {
  const Conninfo info(options.conninfo, options.settings, options.defaults, options.pgbouncer);
  if (info.may_block() || info.servers() > 1) {
    BackgroundConnect background(info, options.start, deadline);
    waiter_.watch(background.descriptor());
    for (;;) {
      if (auto connection = background.take()) {
        connection_ = std::move(*connection);
        co_return;
      }
      still_wanted(co_await waiter_.wait(Want::read, deadline));
    }
  }
  connection_ = info.start(options.start);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) co_return;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    // libpq may have replaced its socket under the same number: watch anew each time (F6).
    waiter_.watch(PQsocket(connection_.get()));
    const Want want = state == PGRES_POLLING_READING ? Want::read : Want::write;
    still_wanted(co_await waiter_.wait(want, deadline));
    state = PQconnectPoll(connection_.get());
  }
}

}  // namespace loci::pg
