// What was told to be written is there once, what was told to have failed is not, and what was told
// to be unknown can be found out, when the server is killed again and again. Seeded.
// LOCI_TEST_LONG=1 kills it a hundred times.
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <random>

#include "pg/ask.hpp"
#include "pg/embedded/files.hpp"
#include "pg/embedded/process_list.hpp"
#include "pg/embedded_fixture.hpp"
#include "support/effort.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::eventually;
using test::query;
using test::soon;
using test::value;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::uint64_t k_seed = 20241123;
constexpr int k_writers = 8;

enum class Outcome : std::uint8_t { ok, failed, unknown };

// Rows that stand or fall together, and what the writer was told about them.
struct Entry {
  std::vector<Uuid> ids;
  Outcome outcome;
};
using Ledger = std::vector<Entry>;

Request insert(const Uuid& id) {
  return query<type::Uuid>("insert into ledger values ($1)", id);
}

Outcome outcome_of(const Error& error) {
  return error.outcome_unknown() ? Outcome::unknown : Outcome::failed;
}

awaitable<Outcome> write_one(Pool& pool, const Uuid& id) {
  try {
    (void)co_await ask(pool, insert(id));
    co_return Outcome::ok;
  } catch (const Error& error) {
    co_return outcome_of(error);
  }
}

awaitable<Outcome> write_together(Pool& pool, const std::vector<Uuid>& ids) {
  std::optional<Transaction> mine;
  try {
    mine = co_await Transaction::begin(pool, {}, soon());
    for (const Uuid& id : ids) (void)co_await ask(*mine, insert(id));
  } catch (const Error&) {
    co_return Outcome::failed;  // whatever became of the statement: COMMIT was never sent
  }
  try {
    co_await mine->commit(soon());
    co_return Outcome::ok;
  } catch (const Error& error) {
    co_return outcome_of(error);
  }
}

awaitable<Outcome> write(Pool& pool, const std::vector<Uuid>& ids) {
  return ids.size() == 1 ? write_one(pool, ids[0]) : write_together(pool, ids);
}

// Reads the keys back; what is not there did not happen, and is written again.
awaitable<Outcome> resolve(Pool& pool, const std::vector<Uuid>& ids) {
  const std::int64_t there = co_await value<type::Int8>(
      pool, query<type::Array<type::Uuid>>("select count(*) from ledger where id = any ($1)", ids));
  if (there == 0) co_return co_await write(pool, ids);
  co_return there == static_cast<std::int64_t>(ids.size()) ? Outcome::ok : Outcome::unknown;
}

struct Progress {
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
};

awaitable<Ledger> writer(Pool& pool, std::uint64_t number, Progress& progress) {
  std::mt19937_64 random(k_seed + number);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  Ledger mine;
  while (!progress.stop) {
    Entry entry{.ids = std::vector<Uuid>(random() % 2 == 0 ? 1 : 3), .outcome = Outcome::failed};
    for (Uuid& id : entry.ids) id = Uuid::v7();
    entry.outcome = co_await write(pool, entry.ids);
    if (entry.outcome == Outcome::ok) {
      ++progress.written;
    } else {  // no thousand failures while the server is down
      pause.expires_after(1ms);
      co_await pause.async_wait(asio::use_awaitable);
    }
    mine.push_back(std::move(entry));
  }
  co_return mine;
}

// Ends the server as a power cut would: the postmaster alone, whose backends finish what they are
// doing, or all its processes.
void kill_server(const std::filesystem::path& folder, bool all) {
  const embedded::Folder places(folder);
  const auto owner = embedded::owner_of(places.data()).value();
  const int postmaster = server_pid(folder);
  const auto processes = embedded::list_processes(places, owner);
  ::kill(postmaster, SIGKILL);
  if (!all) return;
  for (const embedded::ServerProcess& each : processes) ::kill(each.pid, SIGKILL);
}

struct LedgerTest : testing::Test {
  // How often each id is there.
  std::map<Uuid, int> written() {
    std::map<Uuid, int> found;
    const Result result = runtime.wait(ask(pool, query("select id from ledger")));
    for (std::size_t i = 0; i < result.rows(); ++i) ++found[result.row(i).get<type::Uuid>(0)];
    return found;
  }

  ServerFolder scratch;
  std::filesystem::path folder = scratch / "data";
  std::optional<EmbeddedServer> server = EmbeddedServer::open({.data_dir = folder});
  Runtime runtime{2};
  Pool pool{runtime.executor(), {.conninfo = server->dsn(), .max_connections = k_writers}};
};

TEST_F(LedgerTest, AgreesWithTheTableAfterEveryKill) {
  // No key, so that a row written twice would show.
  runtime.wait(ask(pool, query("create table ledger (id uuid not null)")));
  Progress progress;
  std::vector<std::future<Ledger>> writers;
  for (std::uint64_t i = 0; i < k_writers; ++i) {
    writers.push_back(asio::co_spawn(asio::make_strand(runtime.executor()),
                                     writer(pool, i, progress), asio::use_future));
  }
  std::mt19937_64 random(k_seed);
  const int kills = test::in_full() ? 100 : 3;
  for (int i = 0; i < kills; ++i) {
    const int enough = progress.written + static_cast<int>(20 + random() % 500);
    EXPECT_TRUE(eventually([&] { return progress.written >= enough; }));
    kill_server(folder, random() % 2 == 0);
    server = EmbeddedServer::open({.data_dir = folder});
  }
  progress.stop = true;
  Ledger all;
  for (auto& each : writers) std::ranges::move(each.get(), std::back_inserter(all));

  std::map<Outcome, int> told;
  for (Entry& entry : all) {
    ++told[entry.outcome];
    if (entry.outcome == Outcome::unknown) {
      entry.outcome = runtime.wait(resolve(pool, entry.ids));
    }
  }
  std::map<Uuid, int> found = written();
  int wrong = 0;
  for (const Entry& entry : all) {
    const int times = entry.outcome == Outcome::ok ? 1 : 0;
    for (const Uuid& id : entry.ids) {
      wrong += found[id] == times ? 0 : 1;
      found.erase(id);
    }
    EXPECT_NE(entry.outcome, Outcome::unknown) << "half of a transaction is there";
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(found.empty()) << "rows that nobody wrote";
  EXPECT_GE(told[Outcome::ok], kills * 20);
  RecordProperty("ok", told[Outcome::ok]);
  RecordProperty("failed", told[Outcome::failed]);
  RecordProperty("unknown", told[Outcome::unknown]);
}

}  // namespace
}  // namespace loci::pg
