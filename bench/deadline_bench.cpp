// How long after its deadline does a call come back, whatever is slow? README.md has the answer.
//
//   deadline_bench [TIMES]     of each case; default 20
#include <loci/base/error.hpp>
#include <loci/pg/copy_rows.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/pg/transaction.hpp>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_backend.hpp"
#include "support/pg_proxy.hpp"

namespace {

namespace asio = boost::asio;
namespace pg = loci::pg;
using namespace std::chrono_literals;
using loci::Deadline;
using loci::test::FakeBackend;
using loci::test::Fate;
using loci::test::Faults;
using loci::test::PgListener;
using loci::test::PgProxy;
using loci::test::Turn;
using Clock = Deadline::Clock;

constexpr Faults k_stall{.turn = Turn{.fate = Fate::stall}};
constexpr Faults k_swallow{.turn = Turn{.fate = Fate::swallow}};
constexpr auto k_patience = 100ms;  // of each call
constexpr std::string_view k_endless = "select pg_sleep(600)";

// A pool with the options a user gets, behind a proxy over TCP.
struct Place {
  Place(loci::Runtime& on, const std::string& server)
      : runtime(on),
        proxy(server, 1, PgListener::At::tcp),
        pool(on.executor(), {.conninfo = proxy.dsn()}) {}

  static pg::Request request(std::string_view sql, pg::Lane lane = pg::Lane::exclusive) {
    return {{.name = "Bench", .sql = sql, .lane = lane}, {}};
  }
  // The connection that a call needs is there.
  void warm(pg::Lane lane = pg::Lane::exclusive) {
    runtime.wait(pool.execute_one(request("select 1", lane), Deadline::after(30s))).check();
  }
  // How long after its deadline `call` came back.
  template <class Call>
  Clock::duration late(Call call) {
    const Deadline deadline = Deadline::after(k_patience);
    try {
      runtime.wait(call(deadline));
    } catch (const loci::Error&) {
      // as it should
    }
    return Clock::now() - deadline.at();
  }
  Clock::duration late_asking(std::string_view sql, pg::Lane lane = pg::Lane::exclusive) {
    return late([&](Deadline deadline) { return pool.execute_one(request(sql, lane), deadline); });
  }

  loci::Runtime& runtime;
  PgProxy proxy;
  pg::Pool pool;
};

Clock::duration connecting(Place& place) {
  place.proxy.set({.to_server = k_swallow});
  return place.late_asking("select 1");
}

Clock::duration sending(Place& place) {
  place.warm();
  place.proxy.set_present({.to_server = k_stall});
  pg::Request large = Place::request("select length($1::bytea)");
  large.params.add<pg::type::Bytea>(std::string(50'000'000, 'x'));
  return place.late(
      [&](Deadline deadline) { return place.pool.execute_one(std::move(large), deadline); });
}

Clock::duration copying(Place& place) {
  place.warm();
  place.proxy.set_present({.to_server = {.turn = Turn{.fate = Fate::stall, .bytes = 2'000'000}}});
  pg::CopyRows rows;
  return place.late([&](Deadline deadline) {
    return place.pool.copy_in(
        "copy bench (bytes) from stdin (format binary)",
        [&rows](std::string& chunk) {
          rows.begin_row(1);
          rows.field<pg::type::Bytea>(std::string(1'000'000, 'x'));
          chunk = rows.take();
          return true;
        },
        deadline);
  });
}

Clock::duration answering(Place& place, pg::Lane lane) {
  place.warm(lane);
  place.proxy.set_present({.to_client = k_swallow});
  return place.late_asking("select 1", lane);
}

Clock::duration trickling(Place& place) {
  place.warm();
  place.proxy.set_present({.to_client = {.bytes_per_second = 1'000}});
  return place.late_asking("select repeat('x', 50000000)");
}

Clock::duration running(Place& place) {
  place.warm();
  return place.late_asking(k_endless);
}

Clock::duration cancel_lost(Place& place) {
  place.warm();
  place.proxy.plan([](std::uint64_t) { return PgProxy::Plan{.to_server = k_swallow}; });
  return place.late_asking(k_endless);
}

Clock::duration committing(Place& place) {
  place.warm();
  pg::Transaction mine =
      place.runtime.wait(pg::Transaction::begin(place.pool, {}, Deadline::after(30s)));
  place.runtime.wait(mine.execute_one(Place::request("select 1"), Deadline::after(30s))).check();
  place.proxy.set_present({.to_client = k_swallow});
  return place.late([&](Deadline deadline) { return mine.commit(deadline); });
}

// From the cancellation, not from a deadline.
Clock::duration cancelled(Place& place) {
  place.warm();
  const auto strand = asio::make_strand(place.runtime.executor());
  asio::cancellation_signal signal;
  auto answer =
      asio::co_spawn(strand,
                     place.pool.execute(std::vector<pg::Request>(1, Place::request(k_endless)),
                                        Deadline::after(600s)),
                     asio::bind_cancellation_slot(signal.slot(), asio::use_future));
  std::this_thread::sleep_for(k_patience);
  const auto start = Clock::now();
  asio::post(strand, [&signal] { signal.emit(asio::cancellation_type::terminal); });
  answer.wait();
  return Clock::now() - start;
}

// A server that answers a request for TLS with `word`, and nothing after it.
Clock::duration handshaking(loci::Runtime& runtime, const char* word) {
  FakeBackend server(
      [word](FakeBackend::Client& client) {
        client.send(word);
        client.hold();
      },
      PgListener::At::tcp);
  pg::Pool pool(runtime.executor(), {.conninfo = server.dsn() + " sslmode=require"});
  const Deadline deadline = Deadline::after(k_patience);
  try {
    runtime.wait(pool.execute_one(Place::request("select 1"), deadline)).check();
  } catch (const loci::Error&) {
    // as it should
  }
  return Clock::now() - deadline.at();
}

void measure(const char* name, int times, const std::function<Clock::duration()>& once) {
  std::vector<double> milliseconds;
  for (int i = 0; i < times; ++i) {
    milliseconds.push_back(std::chrono::duration<double, std::milli>(once()).count());
  }
  std::ranges::sort(milliseconds);
  std::printf("| %-46s | %6.1f | %6.1f |\n", name, milliseconds[milliseconds.size() / 2],
              milliseconds.back());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int times = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 20;
    auto server = pg::EmbeddedServer::open({.throwaway = true});
    loci::Runtime runtime(1);
    {
      pg::Pool pool(runtime.executor(), {.conninfo = server.dsn()});
      runtime
          .wait(pool.execute_one(Place::request("create table bench (bytes bytea)"),
                                 Deadline::after(30s)))
          .check();
    }
    const auto in_place = [&](const char* name, std::function<Clock::duration(Place&)> once) {
      measure(name, times, [&] {
        Place place(runtime, server.dsn());
        return once(place);
      });
    };
    std::printf("| what is slow | median, ms past the deadline | longest |\n|---|---:|---:|\n");
    in_place("a connect that is never answered", connecting);
    for (const char* word : {"", "S"}) {
      measure(*word == '\0' ? "a request for TLS, never answered" : "a TLS handshake", times,
              [&] { return handshaking(runtime, word); });
    }
    in_place("50 MB that nobody reads", sending);
    in_place("rows of a COPY that nobody reads", copying);
    in_place("an answer that never comes",
             [](Place& place) { return answering(place, pg::Lane::exclusive); });
    in_place("the same on the shared lane",
             [](Place& place) { return answering(place, pg::Lane::shared); });
    in_place("an answer that trickles", trickling);
    in_place("a statement that runs on", running);
    in_place("the same, its cancel lost", cancel_lost);
    in_place("a COMMIT that is not answered", committing);
    in_place("cancelled by its caller: since then", cancelled);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "deadline_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
