// Whatever happens around it, an answer belongs to the caller who asked: every caller reads back
// its own nonce, on either lane, under deadlines, cancellations, connections killed by the server
// and a network that delays, cuts and falls silent. Seeded. LOCI_TEST_LONG=1 makes it a million
// times.
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/this_coro.hpp>
#include <random>

#include "pg/ask.hpp"
#include "support/effort.hpp"
#include "support/pg_proxy.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::Fate;
using test::Faults;
using test::PgProxy;
using test::query;
using test::reading;
using test::soon;
using test::Turn;
using test::value;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::uint64_t k_seed = 20241029;
constexpr int k_connections = 4;
constexpr int k_callers = 200;

int operations_each() {
  return test::rounds(5'000, 40, 20);
}

struct Tally {
  std::atomic<int> right = 0;
  std::atomic<int> wrong = 0;
  std::atomic<int> failed = 0;  // with an Error or a cancellation, as they may
};

// A statement for the lane that the nonce says.
Request either_lane(std::string_view sql, std::int64_t nonce) {
  return nonce / 10 % 2 == 0 ? reading<type::Int8>(sql, nonce) : query<type::Int8>(sql, nonce);
}

awaitable<bool> ask_once(Pool& pool, std::int64_t nonce, Deadline deadline) {
  co_return co_await value<type::Int8>(pool, either_lane("select $1::int8", nonce), deadline) ==
      nonce;
}

awaitable<bool> ask_slowly(Pool& pool, std::int64_t nonce, Deadline deadline) {
  co_return co_await value<type::Int8>(
      pool, either_lane("select $1::int8 from pg_sleep(0.002)", nonce), deadline) == nonce;
}

awaitable<bool> ask_at_length(Pool& pool, std::int64_t nonce, Deadline deadline) {
  const std::string answer = co_await value<type::Text>(
      pool, either_lane("select repeat($1::int8::text || ';', 20000)", nonce), deadline);
  co_return answer.starts_with(std::to_string(nonce) + ";") &&
      answer.size() == (std::to_string(nonce).size() + 1) * 20'000;
}

awaitable<bool> ask_in_a_batch(Pool& pool, std::int64_t nonce, Deadline deadline) {
  std::vector<Request> requests;
  for (std::int64_t i = 0; i < 5; ++i) {
    requests.push_back(
        either_lane(i == 2 ? "select 1 / ($1::int8 - $1::int8)" : "select $1::int8", nonce + i));
  }
  const std::vector<Result> results = co_await pool.execute(std::move(requests), deadline);
  bool right = results.size() == 5 && results[2].failed();
  for (std::size_t i = 0; right && i < 5; ++i) {
    if (results[i].failed()) continue;
    right = results[i].row(0).get<type::Int8>(0) == nonce + static_cast<std::int64_t>(i);
  }
  co_return right;
}

awaitable<bool> ask_in_a_transaction(Pool& pool, std::int64_t nonce, Deadline deadline) {
  Transaction mine = co_await Transaction::begin(pool, {}, deadline);
  (void)co_await ask(
      mine, query<type::Text>("select set_config('test.nonce', $1, true)", std::to_string(nonce)),
      deadline);
  const std::string answer =
      co_await value<type::Text>(mine, query("select current_setting('test.nonce')"), deadline);
  if (nonce % 3 != 0) co_await mine.commit(deadline);
  co_return answer == std::to_string(nonce);
}

awaitable<bool> kill_somebody(Pool& pool, std::int64_t nonce, Deadline deadline) {
  const Result result = co_await ask(
      pool,
      query<type::Int8>(
          "with victim as materialized (select pid from pg_stat_activity where datname = "
          "current_database() and pid <> pg_backend_pid() and backend_type = "
          "'client backend' order by random() limit 1) "
          "select $1::int8, pg_terminate_backend(pid) from victim",
          nonce),
      deadline);
  co_return result.rows() == 0 || result.row(0).get<type::Int8>(0) == nonce;
}

// From a microsecond to a quarter of a second, the short as likely as the long: some end in the
// queue, some on their way, some too late.
std::chrono::microseconds patience(std::uint64_t dice) {
  return std::chrono::microseconds(std::int64_t{1} << dice % 18);
}

awaitable<bool> one_operation(Pool& pool, std::int64_t nonce, std::uint64_t dice) {
  const Deadline deadline =
      dice % 16 == 0 ? Deadline::after(patience(dice >> 32)) : Deadline::after(60s);
  switch ((dice >> 8) % 64) {
    case 0:
      return kill_somebody(pool, nonce, deadline);
    case 1:
    case 2:
    case 3:
      return ask_at_length(pool, nonce, deadline);
    case 4:
    case 5:
    case 6:
    case 7:
      return ask_slowly(pool, nonce, deadline);
    case 8:
    case 9:
    case 10:
    case 11:
      return ask_in_a_batch(pool, nonce, deadline);
    case 12:
    case 13:
    case 14:
    case 15:
      return ask_in_a_transaction(pool, nonce, deadline);
    default:
      return ask_once(pool, nonce, deadline);
  }
}

awaitable<void> caller(Pool& pool, std::int64_t number, int operations, Tally& tally) {
  std::mt19937_64 random(k_seed + static_cast<std::uint64_t>(number));
  const auto executor = co_await asio::this_coro::executor;
  for (std::int64_t i = 0; i < operations; ++i) {
    const std::uint64_t dice = random();
    auto work = one_operation(pool, number * 1'000'000 + i * 10, dice);
    try {
      bool right = false;
      if ((dice >> 16) % 16 == 0) {
        right =
            co_await asio::co_spawn(executor, std::move(work),
                                    asio::cancel_after(patience(dice >> 40), asio::use_awaitable));
      } else {
        right = co_await std::move(work);
      }
      ++(right ? tally.right : tally.wrong);
    } catch (const Error& error) {
      // A protocol error says that answers were mixed up, or that a loss was not known as one.
      if (error.kind() == ErrorKind::protocol) ADD_FAILURE() << error.what();
      ++(error.kind() == ErrorKind::protocol ? tally.wrong : tally.failed);
    } catch (const boost::system::system_error&) {
      ++tally.failed;
    }
  }
}

// A network that spares no direction: half of the connections get a turn for the worse, at a number
// of bytes or at a message; all that hang go on, or end, within 100 ms.
Faults bad_direction(std::mt19937_64& dice, std::string_view messages) {
  const auto one_in = [&](unsigned chances) { return dice() % chances == 0; };
  Faults faults;
  if (one_in(4)) faults.latency = std::chrono::microseconds(dice() % 500);
  if (one_in(4)) faults.jitter = std::chrono::microseconds(dice() % 500);
  if (one_in(4)) faults.slice = 512 + dice() % 8192;
  if (one_in(8)) faults.bytes_per_second = 4'000'000 + dice() % 8'000'000;
  if (one_in(2)) return faults;
  constexpr std::array fates{Fate::close, Fate::reset, Fate::swallow, Fate::stall};
  Turn turn{.fate = fates[dice() % fates.size()], .lasts = 10ms + dice() % 90 * 1ms};
  if (one_in(2)) {
    turn.bytes = (std::uint64_t{1} << (8 + dice() % 14)) + dice() % 256;
  } else {
    turn.message = messages[dice() % messages.size()];
    turn.nth = static_cast<int>(1 + dice() % 100);
    turn.bytes = dice() % 16;
  }
  faults.turn = turn;
  return faults;
}

PgProxy::Plan bad_network(std::uint64_t random) {
  std::mt19937_64 dice(random);
  return {.to_server = bad_direction(dice, "PBES"), .to_client = bad_direction(dice, "12DCZE")};
}

TEST(Nonce, EveryCallerReadsBackItsOwnUnderDeadlinesCancellationsKillsAndABadNetwork) {
  const int operations = operations_each();
  PgProxy proxy(test::TestServer::instance().fresh_database(), k_seed);
  proxy.plan(bad_network);
  Database db({.conninfo = proxy.dsn(), .max_connections = k_connections, .acquire_timeout = 60s},
              3);
  Tally tally;
  std::vector<std::future<void>> callers;
  for (std::int64_t i = 1; i <= k_callers; ++i) {
    callers.push_back(asio::co_spawn(asio::make_strand(db.runtime.executor()),
                                     caller(db.pool, i, operations, tally), asio::use_future));
  }
  for (auto& each : callers) each.get();
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.right + tally.failed, k_callers * operations);
  EXPECT_GT(tally.right, k_callers * operations / 2);
  EXPECT_GT(tally.failed, 0);
  RecordProperty("right", tally.right);
  RecordProperty("failed", tally.failed);
  RecordProperty("connections", static_cast<int>(proxy.accepted()));

  // Nothing leaked: all connections can be leased at once, and nobody waits.
  proxy.set({});
  std::vector<Lease> leases;
  for (int i = 0; i < k_connections; ++i) leases.push_back(db.run(db.pool.acquire(soon())));
  EXPECT_EQ(db.pool.statistics().waiting, 0);
}

}  // namespace
}  // namespace loci::pg
