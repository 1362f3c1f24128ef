// What a connection tells of its server: whether it lives, and whether it is still the right one.
#include "pg/connection_guard.hpp"

namespace loci::pg {

namespace asio = boost::asio;

asio::awaitable<void> Connection::probe(Deadline deadline) {
  return guarded(probe_here(deadline), "HealthCheck", false);
}

asio::awaitable<void> Connection::probe_here(Deadline deadline) {
  InFlight flight(*this);
  committing_ = false;
  Batch batch;
  send_sync(batch, 0, false);
  if (!co_await drain(batch, deadline)) throw Error(ErrorKind::timeout, "no answer to a probe");
  flight.landed();
}

Fault Connection::fault() const noexcept {
  if (fault_ != Fault::none) return fault_;
  const bool there = PQstatus(connection_.get()) == CONNECTION_OK && !dismissed_;
  return there ? Fault::none : Fault::lost;
}

bool Connection::read_only_server() const noexcept {
  const auto on = [this](const char* parameter) {
    const char* value = PQparameterStatus(connection_.get(), parameter);
    return value != nullptr && std::string_view(value) == "on";
  };
  return on("in_hot_standby") || on("default_transaction_read_only");
}

// 25006 is also what a transaction gets that asked to be read-only itself.
void Connection::note_fault(const PGresult* failure) noexcept {
  const char* field = PQresultErrorField(failure, PG_DIAG_SQLSTATE);
  const std::string_view state = field == nullptr ? "" : field;
  if (state == "57P01" || state == "57P02" || state == "57P03") fault_ = Fault::leaving;
  if (state == "25006" && read_only_server()) fault_ = Fault::read_only;
}

}  // namespace loci::pg
