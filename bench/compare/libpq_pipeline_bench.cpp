// The limit: libpq in pipeline mode on one thread, without a library around it. No deadlines, no
// errors but the end, nothing shared: what is left is libpq and the server.
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "compare/pipeline_workloads.hpp"
#include "loci_bench/figures.hpp"
#include "loci_bench/options.hpp"

namespace {

using namespace loci::bench;

constexpr std::size_t k_depth = 16;  // operations in flight on one connection

struct Client {
  Random random;
  Clock::time_point start;
};

struct Connection {
  PGconn* connection = nullptr;
  std::deque<Client*> in_flight;
  Seen seen;  // of the first of them
  bool unsent = false;
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

void require(bool holds, PGconn* connection) {
  if (!holds) throw std::runtime_error(PQerrorMessage(connection));
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

class Loop {
public:
  explicit Loop(const Options& options)
      : options_(options), workload_(bare_workload(options.workload)) {
    for (int i = 0; i < options.pool; ++i) connections_.push_back(open());
    for (int i = 0; i < options.clients; ++i) {
      clients_.push_back({Random(std::random_device{}()), {}});
    }
  }

  void run() {
    const Clock::time_point open =
        Clock::now() +
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.warmup));
    for (Client& client : clients_) {
      client.start = Clock::now();
      waiting_.push_back(&client);
    }
    send_waiting();
    while (Clock::now() < open) step();
    counts_ = {};
    const Clock::time_point close =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(options_.seconds));
    const Stopwatch stopwatch;
    while (Clock::now() < close) step();
    print(counts_, stopwatch.stop());
  }

private:
  Connection open() {
    PGconn* connection = PQconnectdb(options_.dsn.c_str());
    require(PQstatus(connection) == CONNECTION_OK, connection);
    for (const BareStatement& each : workload_->statements()) {
      const ResultPtr prepared(PQprepare(connection, each.name, each.sql, 0, nullptr));
      require(PQresultStatus(prepared.get()) == PGRES_COMMAND_OK, connection);
    }
    if (keys_.empty()) {
      const ResultPtr keys(PQexecParams(connection, "select id from bench_keys order by n", 0,
                                        nullptr, nullptr, nullptr, nullptr, 1));
      require(PQresultStatus(keys.get()) == PGRES_TUPLES_OK, connection);
      for (int i = 0; i < PQntuples(keys.get()); ++i) {
        keys_.push_back(bare::uuid(PQgetvalue(keys.get(), i, 0)));
      }
    }
    require(PQsetnonblocking(connection, 1) == 0, connection);
    require(PQenterPipelineMode(connection) == 1, connection);
    polled_.push_back({PQsocket(connection), POLLIN, 0});
    return {connection, {}, {}, false};
  }

  // Each to the connection with the fewest statements in flight.
  void send_waiting() {
    while (!waiting_.empty()) {
      const auto least = std::ranges::min_element(
          connections_, {}, [](const Connection& one) { return one.in_flight.size(); });
      if (least->in_flight.size() >= k_depth) break;
      send(*least, *waiting_.front());
      waiting_.pop_front();
    }
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!connections_[i].unsent) continue;
      const int left = PQflush(connections_[i].connection);
      require(left >= 0, connections_[i].connection);
      connections_[i].unsent = left == 1;
      polled_[i].events = static_cast<short>(left == 1 ? POLLIN | POLLOUT : POLLIN);
    }
  }

  void send(Connection& to, Client& client) {
    const Uuid key = keys_[client.random.below(keys_.size())];
    require(workload_->send(to.connection, client.random, key) &&
                PQsendPipelineSync(to.connection) == 1,
            to.connection);
    to.unsent = true;
    to.in_flight.push_back(&client);
  }

  void step() {
    ::poll(polled_.data(), polled_.size(), 100);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (polled_[i].revents != 0) receive(connections_[i]);
    }
    send_waiting();
  }

  void receive(Connection& from) {
    require(PQconsumeInput(from.connection) == 1, from.connection);
    while (!from.in_flight.empty() && PQisBusy(from.connection) == 0) {
      const ResultPtr result(PQgetResult(from.connection));
      if (!result) continue;  // the end of one statement
      if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
        require(succeeded(result.get()), from.connection);
        ++from.seen.commands;
        workload_->take(result.get(), from.seen);
        continue;
      }
      Client& client = *from.in_flight.front();
      from.in_flight.pop_front();
      const Clock::time_point now = Clock::now();
      if (workload_->right(std::exchange(from.seen, {}))) {
        counts_.latencies.record(now - client.start);
      } else {
        ++counts_.errors;
      }
      client.start = now;
      waiting_.push_back(&client);
    }
  }

  const Options& options_;
  const std::unique_ptr<BareWorkload> workload_;
  std::vector<Uuid> keys_;
  std::vector<pollfd> polled_;
  std::vector<Connection> connections_;
  std::vector<Client> clients_;
  std::deque<Client*> waiting_;
  Counts counts_;
};

}  // namespace

int main(int argc, char** argv) {
  const Parsed parsed = parse(argc, argv, Extras::none);
  if (parsed.exit_code) return *parsed.exit_code;
  try {
    Loop(parsed.options).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
