// Whatever happens around it, an answer belongs to the caller who asked: every caller reads back
// its own nonce, under deadlines, cancellations and connections killed by the server. Seeded.
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/this_coro.hpp>
#include <random>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::eventually;
using test::query;
using test::value;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::uint64_t k_seed = 20241029;
constexpr int k_callers = 50;
constexpr int k_operations = 400;  // each

struct Tally {
  std::atomic<int> right = 0;
  std::atomic<int> wrong = 0;
  std::atomic<int> failed = 0;  // with an Error or a cancellation, as they may
};

awaitable<bool> ask_once(Pool& pool, std::int64_t nonce, Deadline deadline) {
  co_return co_await value<type::Int8>(pool, query<type::Int8>("select $1::int8", nonce),
                                       deadline) == nonce;
}

awaitable<bool> ask_slowly(Pool& pool, std::int64_t nonce, Deadline deadline) {
  co_return co_await value<type::Int8>(
      pool, query<type::Int8>("select $1::int8 from pg_sleep(0.002)", nonce), deadline) == nonce;
}

awaitable<bool> ask_at_length(Pool& pool, std::int64_t nonce, Deadline deadline) {
  const std::string answer = co_await value<type::Text>(
      pool, query<type::Int8>("select repeat($1::int8::text || ';', 20000)", nonce), deadline);
  co_return answer.starts_with(std::to_string(nonce) + ";") &&
      answer.size() == (std::to_string(nonce).size() + 1) * 20'000;
}

awaitable<bool> ask_in_a_batch(Pool& pool, std::int64_t nonce, Deadline deadline) {
  std::vector<Request> requests;
  for (std::int64_t i = 0; i < 5; ++i) {
    requests.push_back(query<type::Int8>(
        i == 2 ? "select 1 / ($1::int8 - $1::int8)" : "select $1::int8", nonce + i));
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

awaitable<bool> one_operation(Pool& pool, std::int64_t nonce, std::uint64_t dice) {
  const Deadline deadline = dice % 16 == 0 ? Deadline::after(std::chrono::microseconds(dice % 5000))
                                           : Deadline::after(30s);
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

awaitable<void> caller(Pool& pool, std::int64_t number, Tally& tally) {
  std::mt19937_64 random(k_seed + static_cast<std::uint64_t>(number));
  const auto executor = co_await asio::this_coro::executor;
  for (std::int64_t i = 0; i < k_operations; ++i) {
    const std::uint64_t dice = random();
    auto work = one_operation(pool, number * 1'000'000 + i * 10, dice);
    try {
      bool right = false;
      if ((dice >> 16) % 16 == 0) {
        const auto patience = std::chrono::microseconds((dice >> 24) % 3000);
        right = co_await asio::co_spawn(executor, std::move(work),
                                        asio::cancel_after(patience, asio::use_awaitable));
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

TEST(Nonce, EveryCallerReadsBackItsOwnUnderDeadlinesCancellationsAndKills) {
  Database db({.max_connections = 4, .acquire_timeout = 30s}, 3);
  Tally tally;
  std::vector<std::future<void>> callers;
  for (std::int64_t i = 1; i <= k_callers; ++i) {
    callers.push_back(boost::asio::co_spawn(asio::make_strand(db.runtime.executor()),
                                            caller(db.pool, i, tally), asio::use_future));
  }
  for (auto& each : callers) each.get();
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.right + tally.failed, k_callers * k_operations);
  EXPECT_GT(tally.right, k_callers * k_operations / 2);
  EXPECT_GT(tally.failed, 0);
  // Nothing leaked: every connection is idle again, and there are no more than allowed.
  EXPECT_TRUE(eventually([&] {
    const PoolStatistics now = db.pool.statistics();
    return now.open == now.idle && now.opening == 0 && now.waiting == 0 && now.open <= 4;
  }));
  RecordProperty("right", tally.right);
  RecordProperty("failed", tally.failed);
  RecordProperty("retired", static_cast<int>(db.pool.statistics().retired.total()));
}

}  // namespace
}  // namespace loci::pg
