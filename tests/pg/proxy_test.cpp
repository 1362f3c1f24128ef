// The bad network of the other tests does what it says, and nothing else.
#include <gtest/gtest.h>

#include "pg/raw_connection.hpp"
#include "support/child_process.hpp"
#include "support/pg_proxy.hpp"

namespace loci::test {
namespace {

using namespace std::chrono_literals;
using Time = ProxyPipe::Time;

// What comes out of a pipe by `now`, read at once by its receiver.
std::string drained(ProxyPipe& pipe, Time now) {
  std::string all;
  for (;;) {
    const std::string piece(pipe.ready(now, true));
    if (piece.empty()) return all;
    all += piece;
    pipe.wrote(piece.size(), now);
  }
}

std::string startup() {
  const std::string body = message::int32(196608) + message::text("user") + message::text("me");
  return message::int32(body.size() + 5) + body + '\0';
}

TEST(PgFraming, TellsPacketsWithoutATypeFromMessages) {
  PgFraming client(true);
  EXPECT_EQ(client.next("\0\0\0"), std::nullopt);
  const std::string request = message::int32(8) + message::int32(80877103);
  EXPECT_EQ(client.next(request)->type, k_encryption_packet);
  EXPECT_EQ(client.next(startup())->type, k_startup_packet);
  EXPECT_EQ(client.next(message::make('Q', "abc"))->type, 'Q');
  EXPECT_EQ(client.next(message::make('Q', "abc"))->size, 8U);
  PgFraming cancel(true);
  const std::string packet = message::int32(16) + message::int32(80877102) + message::int32(1);
  EXPECT_EQ(cancel.next(packet)->type, k_cancel_packet);
}

TEST(ProxyPipe, PassesEveryByteHoweverItCame) {
  ProxyPipe pipe(true, 1);
  const Time now;
  const std::string sent =
      startup() + message::make('Q', std::string(300, 'q')) + message::make('X', "");
  std::string out;
  for (const char byte : sent) {
    pipe.take({&byte, 1}, now);
    out += drained(pipe, now);
  }
  EXPECT_EQ(out, sent);
  EXPECT_EQ(pipe.seen('Q'), 1U);
}

TEST(ProxyPipe, LatencyHoldsBackAndKeepsTheOrder) {
  ProxyPipe pipe(false, 1);
  const Time begin;
  pipe.set({.latency = 10ms, .jitter = 5ms}, begin);
  pipe.take(message::row({1}), begin);
  pipe.take(message::row({2}), begin + 1ms);
  EXPECT_EQ(drained(pipe, begin + 9ms), "");
  EXPECT_GE(pipe.wakes(begin), begin + 10ms);
  EXPECT_EQ(drained(pipe, begin + 16ms), message::row({1}) + message::row({2}));
}

TEST(ProxyPipe, BandwidthLetsSoManyBytesPassInASecond) {
  ProxyPipe pipe(false, 1);
  Time now;
  pipe.set({.bytes_per_second = 10'000}, now);
  pipe.take(message::make('D', std::string(9'995, 'x')), now);
  std::size_t out = 0;
  const Time half = now + 500ms;
  for (; now < half; now += 1ms) out += drained(pipe, now).size();
  EXPECT_EQ(out, 5'000U);
}

TEST(ProxyPipe, SlicesWaitUntilTheOneBeforeWasRead) {
  ProxyPipe pipe(false, 1);
  const Time now;
  pipe.set({.slice = 3}, now);
  pipe.take(message::ready(), now);
  EXPECT_EQ(pipe.ready(now, false), "");
  EXPECT_EQ(pipe.ready(now, true), message::ready().substr(0, 3));
}

TEST(ProxyPipe, TurnsAfterSoManyBytes) {
  ProxyPipe pipe(false, 1);
  const Time now;
  pipe.take(message::ready(), now);
  pipe.set({.turn = Turn{.fate = Fate::close, .bytes = 4}}, now);
  pipe.take(message::row({1}), now);
  EXPECT_FALSE(pipe.over());
  EXPECT_EQ(drained(pipe, now), message::ready() + message::row({1}).substr(0, 4));
  EXPECT_TRUE(pipe.over());
}

TEST(ProxyPipe, TurnsBeforeInsideAndAfterTheMessageThatWasNamed) {
  const std::string sent = message::row({1}) + message::ready() + message::row({2}) +
                           message::complete("SELECT 2") + message::row({3});
  const std::size_t second = message::row({1}).size() + message::ready().size();
  for (const auto& [into, expected] : {std::pair(0UL, second), std::pair(6UL, second + 6),
                                       std::pair(1'000UL, second + message::row({2}).size())}) {
    ProxyPipe pipe(false, 1);
    const Time now;
    pipe.set({.turn = Turn{.fate = Fate::swallow, .bytes = into, .message = 'D', .nth = 2}}, now);
    pipe.take(sent, now);
    EXPECT_EQ(drained(pipe, now), sent.substr(0, expected));
    EXPECT_TRUE(pipe.reads());
    EXPECT_FALSE(pipe.over());
  }
}

TEST(ProxyPipe, AStallEndsWithoutLossAndASilenceWithTheConnection) {
  const Time now;
  ProxyPipe stalled(false, 1);
  stalled.set({.turn = Turn{.fate = Fate::stall, .bytes = 5, .lasts = 1s}}, now);
  stalled.take(message::row({1}), now);
  EXPECT_FALSE(stalled.reads());
  EXPECT_EQ(drained(stalled, now).size(), 5U);
  EXPECT_EQ(stalled.wakes(now), now + 1s);
  stalled.advance(now + 1s);
  EXPECT_EQ(drained(stalled, now + 1s), message::row({1}).substr(5));

  ProxyPipe silent(false, 1);
  silent.set({.turn = Turn{.fate = Fate::swallow, .lasts = 1s}}, now);
  silent.take(message::row({1}), now);
  silent.advance(now + 1s);
  EXPECT_EQ(drained(silent, now + 1s), "");
  EXPECT_TRUE(silent.over());
}

struct PgProxyTest : testing::Test {
  PgProxy proxy{TestServer::instance().dsn()};
};

TEST_F(PgProxyTest, ForwardsALongResultInSlicesWithLatency) {
  proxy.set({.to_server = {.latency = 100us, .slice = 7},
             .to_client = {.latency = 100us, .jitter = 200us, .slice = 4'000}});
  const RawConnection connection(proxy.dsn());
  const std::string text = connection.value(
      "select string_agg(n::text, ',') from "
      "generate_series(1, 40000) n");
  EXPECT_EQ(text.size(), 228'893U);
  EXPECT_TRUE(text.ends_with(",39999,40000"));
}

TEST_F(PgProxyTest, ClosesAtTheMessageNamed) {
  const RawConnection connection(proxy.dsn());
  proxy.set_present({.to_client = {.turn = Turn{.message = 'C', .nth = 3}}});
  EXPECT_EQ(connection.value("select 1"), "1");
  EXPECT_EQ(connection.value("select 2"), "2");
  const pg::PgResultPtr third(PQexec(connection.get(), "select 3"));
  EXPECT_EQ(PQresultStatus(third.get()), PGRES_FATAL_ERROR);
  EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);
  EXPECT_EQ(proxy.seen_to_server('Q'), 0U);  // it is a connection no more
}

TEST_F(PgProxyTest, TellsTheServerWhenAClientGoesAndTheClientWhenAServerGoes) {
  const RawConnection direct;
  const auto alive = [&](int pid) {
    return direct.value("select count(*) from pg_stat_activity where pid = " + std::to_string(pid));
  };
  int pid = 0;
  {
    const RawConnection gone(proxy.dsn());
    pid = gone.pid();
    EXPECT_EQ(alive(pid), "1");
    proxy.set_present({.to_server = {.turn = Turn{.fate = Fate::stall}}});
  }
  wait_until([&] { return alive(pid) == "0"; });

  const RawConnection killed(proxy.dsn());
  direct.value("select pg_terminate_backend(" + std::to_string(killed.pid()) + ")");
  killed.wait_readable();
  const pg::PgResultPtr result(PQexec(killed.get(), "select 1"));
  EXPECT_THAT(PQerrorMessage(killed.get()), testing::HasSubstr("administrator command"));
}

TEST_F(PgProxyTest, SwallowsUntilItIsTiredOfIt) {
  const RawConnection connection(proxy.dsn());
  proxy.set_present({.to_server = {.turn = Turn{.fate = Fate::swallow, .lasts = 20ms}}});
  const pg::PgResultPtr result(PQexec(connection.get(), "select 1"));
  EXPECT_EQ(PQresultStatus(result.get()), PGRES_FATAL_ERROR);
}

TEST_F(PgProxyTest, PlansEachNewConnectionAndForwardsCancels) {
  std::atomic<int> planned = 0;
  proxy.plan([&](std::uint64_t) {
    ++planned;
    return PgProxy::Plan{};
  });
  const RawConnection connection(proxy.dsn());
  const RawConnection direct;
  EXPECT_EQ(PQsendQuery(connection.get(), "select pg_sleep(600)"), 1);
  wait_until([&] {
    return direct.value("select wait_event from pg_stat_activity where pid = " +
                        std::to_string(connection.pid())) == "PgSleep";
  });
  PGcancelConn* cancel = PQcancelCreate(connection.get());
  EXPECT_EQ(PQcancelBlocking(cancel), 1);
  PQcancelFinish(cancel);
  EXPECT_EQ(RawConnection::word(connection.next().get()), "57014");
  EXPECT_EQ(planned, 2);
  EXPECT_EQ(proxy.accepted(), 2U);
}

TEST(PgProxyOverTcp, ResetsAsANetworkDoes) {
  PgProxy proxy(TestServer::instance().dsn(), 1, PgListener::At::tcp);
  const RawConnection connection(proxy.dsn());
  EXPECT_EQ(connection.value("select 1"), "1");
  proxy.set_present({.to_server = {.turn = Turn{.fate = Fate::reset}}});
  wait_until([&] { return proxy.connections() == 0; });
  char byte = 0;
  EXPECT_EQ(::recv(PQsocket(connection.get()), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

}  // namespace
}  // namespace loci::test
