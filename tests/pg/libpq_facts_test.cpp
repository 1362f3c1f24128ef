// What libpq and the server really do, fact by fact (docs/libpq-facts.md). The driver is built on
// these; when one of these tests fails on a new version, the driver has to be thought through
// again.
#include <dlfcn.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <gtest/gtest.h>
#include <atomic>
#include <functional>
#include <string_view>
#include <thread>

#include "pg/raw_connection.hpp"

namespace {
std::atomic<int> g_sends = 0;
std::atomic<bool> g_looked_up_here = false;
thread_local bool g_watching_look_ups = false;
}  // namespace

// The linker prefers these to the C library's: they see what libpq does.
extern "C" ssize_t send(int socket, const void* bytes, size_t length, int flags) {
  ++g_sends;
  return ::sendto(socket, bytes, length, flags, nullptr, 0);
}
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (g_watching_look_ups) {
    g_looked_up_here = true;
    return EAI_NONAME;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(host, service, hints, result);
}

namespace loci::pg {
namespace {

using test::RawConnection;
using Words = std::vector<std::string>;

struct LibpqFacts : testing::Test {
  // What the server's process of the connection waits for, or its state.
  std::string server_state() {
    return observer.value(
        "select coalesce(min(coalesce(wait_event, state)), 'gone') from "
        "pg_stat_activity where pid = " +
        std::to_string(connection.pid()));
  }
  void wait_for(std::string_view state) {
    for (int i = 0; i < 100'000; ++i) {
      if (server_state() == state) return;
    }
    FAIL() << "it never came to " << state;
  }
  void kill() {
    observer.value("select pg_terminate_backend(" + std::to_string(connection.pid()) + ", 30000)");
  }

  void TearDown() override { observer.value("drop table if exists t"); }

  static inline std::string dsn;
  static void SetUpTestSuite() { dsn = test::TestServer::instance().fresh_database(); }
  RawConnection observer{dsn};
  RawConnection connection{dsn};
};

TEST_F(LibpqFacts, F1ASyncForEachStatementKeepsErrorsApart) {
  connection.value("create table t (id int primary key)");
  connection.enter_pipeline();
  connection.send_with_sync("insert into t values (1)");
  connection.send_with_sync("insert into t values (1)");
  connection.send_with_sync("insert into t values (2)");
  EXPECT_EQ(connection.next_words(9),
            (Words{"ok", "null", "sync", "23505", "null", "sync", "ok", "null", "sync"}));
  EXPECT_EQ(observer.value("select count(*) from t"), "2");
}

TEST_F(LibpqFacts, F1OneSyncForAllIsOneTransaction) {
  connection.value("create table t (id int primary key)");
  connection.enter_pipeline();
  connection.send("insert into t values (1)");
  connection.send("insert into t values (1)");
  connection.send_with_sync("insert into t values (2)");
  EXPECT_EQ(connection.next_words(7),
            (Words{"ok", "null", "23505", "null", "aborted", "null", "sync"}));
  EXPECT_EQ(observer.value("select count(*) from t"), "0");
}

TEST_F(LibpqFacts, F1AnErrorAtTheCommitComesAfterTheResultAndBeforeTheSync) {
  connection.value("create table t (id int primary key deferrable initially deferred)");
  connection.enter_pipeline();
  connection.send_with_sync("insert into t values (1)");
  connection.send_with_sync("insert into t values (1)");
  EXPECT_EQ(connection.next_words(8),
            (Words{"ok", "null", "sync", "ok", "null", "23505", "null", "sync"}));
}

TEST_F(LibpqFacts, F2PQpipelineSyncSendsAtOnceAndPQsendPipelineSyncDoesNot) {
  constexpr int statements = 200;
  const auto sends_with = [&](const std::function<int(PGconn*)>& sync) {
    const int before = g_sends;
    for (int i = 0; i < statements; ++i) {
      connection.send("select 1");
      EXPECT_EQ(sync(connection.get()), 1);
    }
    connection.flush();
    const int sent = g_sends - before;
    (void)connection.next_words(3 * statements);
    return sent;
  };
  connection.enter_pipeline();
  EXPECT_GE(sends_with(PQpipelineSync), statements);
  EXPECT_LE(sends_with(PQsendPipelineSync), 10);
}

TEST_F(LibpqFacts, F3WritingWithoutReadingDeadlocks) {
  connection.enter_pipeline();
  const std::string large(std::size_t{20} << 20, 'x');
  const char* values[] = {large.c_str()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(PQsendQueryParams(connection.get(), "select $1::text", 1, nullptr, values, nullptr,
                                nullptr, 0),
              1);
    connection.sync();
  }
  // Written as far as it goes, the server waits for us to read what it answers: neither moves.
  while (server_state() != "ClientWrite") ASSERT_EQ(PQflush(connection.get()), 1);
  EXPECT_EQ(PQflush(connection.get()), 1);
  pollfd socket{.fd = PQsocket(connection.get()), .events = POLLOUT, .revents = 0};
  EXPECT_EQ(::poll(&socket, 1, 0), 0);
  // Reading beside writing brings all to its end.
  EXPECT_EQ(connection.next_words(3), (Words{"rows", "null", "sync"}));
  EXPECT_EQ(connection.next_words(6), (Words{"rows", "null", "sync", "rows", "null", "sync"}));
}

TEST_F(LibpqFacts, F4ConsumingTwiceOnALossReportsSuccessOfWhatNeverFinished) {
  connection.enter_pipeline();
  connection.send_with_sync("select pg_sleep(600)");
  connection.flush();
  wait_for("PgSleep");
  kill();
  connection.wait_readable();
  EXPECT_EQ(PQconsumeInput(connection.get()), 1);
  while (PQconsumeInput(connection.get()) == 1) {
  }
  const PgResultPtr lie(PQgetResult(connection.get()));
  EXPECT_EQ(PQresultStatus(lie.get()), PGRES_COMMAND_OK);
  EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);  // the one thing to believe
}

TEST_F(LibpqFacts, F5AfterALossOnlyTheHeadOfThePipelineGetsAnError) {
  connection.enter_pipeline();
  connection.send_with_sync("select pg_sleep(600)");
  connection.send_with_sync("select 1");
  connection.send_with_sync("select 2");
  connection.flush();
  wait_for("PgSleep");
  kill();
  EXPECT_EQ(connection.next_words(1), Words{"57P01"});
  // One more error as libpq sees the end of the stream; no result and no Sync of the others, ever.
  const Words rest = connection.next_words(20);
  EXPECT_THAT(rest, testing::Not(testing::Contains("rows")));
  EXPECT_THAT(rest, testing::Not(testing::Contains("sync")));
  EXPECT_EQ(Words(rest.begin() + 5, rest.end()), Words(15, "null"));
  EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);
}

TEST_F(LibpqFacts, F6WhileConnectingANumberComesToMeanAnotherSocket) {
  // The first host is turned down for what it is, and its socket's number used again for the
  // second.
  const std::string directory = PQhost(observer.get());
  const std::string twice =
      dsn + " host=" + directory + "," + directory + " port=5432,5432 target_session_attrs=standby";
  const PgConnPtr connecting(PQconnectStart(twice.c_str()));
  std::vector<std::pair<int, ino_t>> seen;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    struct stat about{};
    ASSERT_EQ(::fstat(PQsocket(connecting.get()), &about), 0);
    seen.emplace_back(PQsocket(connecting.get()), about.st_ino);
    pollfd socket{.fd = PQsocket(connecting.get()),
                  .events = static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                  .revents = 0};
    ASSERT_GT(::poll(&socket, 1, 30'000), 0);
    state = PQconnectPoll(connecting.get());
  }
  EXPECT_EQ(seen.front().first, seen.back().first);
  EXPECT_NE(seen.front().second, seen.back().second);
}

TEST_F(LibpqFacts, F7ACancelHitsWhoeverRunsNow) {
  connection.enter_pipeline();
  connection.send_with_sync("select 1");              // the caller who wants to cancel
  connection.send_with_sync("select pg_sleep(600)");  // a neighbour
  connection.flush();
  wait_for("PgSleep");
  PGcancelConn* cancel = PQcancelCreate(connection.get());
  EXPECT_EQ(PQcancelBlocking(cancel), 1);
  PQcancelFinish(cancel);
  EXPECT_EQ(connection.next_words(6), (Words{"rows", "null", "sync", "57014", "null", "sync"}));
}

TEST_F(LibpqFacts, F7AStatementTimeoutInTheSyncGroupHitsNoneButItsOwn) {
  connection.enter_pipeline();
  connection.send("select set_config('statement_timeout', '20', true)");
  connection.send_with_sync("select pg_sleep(600)");
  connection.send_with_sync("show statement_timeout");
  EXPECT_EQ(connection.next_words(5), (Words{"rows", "null", "57014", "null", "sync"}));
  EXPECT_STREQ(PQgetvalue(connection.next().get(), 0, 0), "0");
}

TEST_F(LibpqFacts, F8ChunkedRowsModeIsForTheHeadOfTheQueue) {
  connection.enter_pipeline();
  connection.send_with_sync("select generate_series(1, 3)");
  connection.send_with_sync("select generate_series(1, 3)");
  EXPECT_EQ(PQsetChunkedRowsMode(connection.get(), 2), 1);  // meant for what was sent last
  EXPECT_EQ(connection.next_words(5), (Words{"chunk", "chunk", "rows", "null", "sync"}));
  EXPECT_EQ(connection.next_words(3), (Words{"rows", "null", "sync"}));
}

TEST_F(LibpqFacts, F9CopyInPipelineModeNeverEnds) {
  connection.value("create table t (id int)");
  connection.enter_pipeline();
  connection.send_with_sync("copy t from stdin");
  for (const std::string& word : connection.next_words(50)) EXPECT_EQ(word, "copy in");
  kill();  // or it would keep its lock on the table
}

TEST_F(LibpqFacts, F10AFailedParseLeavesNoStatement) {
  connection.enter_pipeline();
  PQsendPrepare(connection.get(), "mine", "select nonsense", 0, nullptr);
  connection.sync();
  EXPECT_EQ(connection.next_words(3), (Words{"42703", "null", "sync"}));
  PQsendQueryPrepared(connection.get(), "mine", 0, nullptr, nullptr, nullptr, 0);
  connection.sync();
  EXPECT_EQ(connection.next_words(3), (Words{"26000", "null", "sync"}));
}

TEST_F(LibpqFacts, F10ChangedTablesAndDiscardAllUndoPreparedStatements) {
  connection.value("create table t (id int)");
  const auto run = [&] {
    const PgResultPtr result(
        PQexecPrepared(connection.get(), "mine", 0, nullptr, nullptr, nullptr, 0));
    return RawConnection::word(result.get());
  };
  PQclear(PQprepare(connection.get(), "mine", "select * from t", 0, nullptr));
  EXPECT_EQ(run(), "rows");
  connection.value("alter table t add column name text");
  EXPECT_EQ(run(), "0A000");
  connection.value("discard all");
  EXPECT_EQ(run(), "26000");
}

TEST_F(LibpqFacts, F11ABeginOfOneCallerPoisonsTheOthers) {
  connection.enter_pipeline();
  connection.send_with_sync("begin");
  connection.send_with_sync("select 1/0");
  connection.send_with_sync("select 1");  // somebody else's
  EXPECT_EQ(connection.next_words(9),
            (Words{"ok", "null", "sync", "22012", "null", "sync", "25P02", "null", "sync"}));
}

TEST_F(LibpqFacts, F12ANotificationArrivesWhileThePipelineIsIdle) {
  connection.value("listen news");
  connection.enter_pipeline();
  observer.value("notify news, 'first'");
  connection.wait_readable();
  EXPECT_EQ(PQconsumeInput(connection.get()), 1);
  PGnotify* news = PQnotifies(connection.get());
  ASSERT_NE(news, nullptr);
  EXPECT_STREQ(news->extra, "first");
  PQfreemem(news);
}

TEST_F(LibpqFacts, F12ANotificationWaitsForTheRunningStatement) {
  connection.value("listen news");
  connection.enter_pipeline();
  observer.value("select pg_advisory_lock(5)");
  connection.send_with_sync("select pg_advisory_lock(5)");
  connection.flush();
  wait_for("advisory");
  observer.value("notify news, 'late'");
  EXPECT_EQ(PQconsumeInput(connection.get()), 1);
  EXPECT_EQ(PQnotifies(connection.get()), nullptr);
  observer.value("select pg_advisory_unlock(5)");
  EXPECT_EQ(connection.next_words(3), (Words{"rows", "null", "sync"}));
  PGnotify* news = PQnotifies(connection.get());
  while (news == nullptr) {
    connection.wait_readable();
    ASSERT_EQ(PQconsumeInput(connection.get()), 1);
    news = PQnotifies(connection.get());
  }
  EXPECT_STREQ(news->extra, "late");
  PQfreemem(news);
}

TEST_F(LibpqFacts, F13ABareSyncProbesForLife) {
  connection.enter_pipeline();
  connection.sync();
  EXPECT_EQ(connection.next_words(1), Words{"sync"});
  kill();
  connection.sync();
  EXPECT_EQ(connection.next_words(1), Words{"57P01"});
}

TEST_F(LibpqFacts, F14StartingToConnectLooksTheNameUpAndWaits) {
  g_watching_look_ups = true;
  const PgConnPtr connecting(PQconnectStart("host=db.example"));
  g_watching_look_ups = false;
  EXPECT_TRUE(g_looked_up_here);
  EXPECT_EQ(PQstatus(connecting.get()), CONNECTION_BAD);
}

}  // namespace
}  // namespace loci::pg
