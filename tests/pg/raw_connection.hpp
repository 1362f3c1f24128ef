#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <string>
#include <vector>

#include "pg/libpq.hpp"
#include "support/test_server.hpp"

namespace loci::test {

/// libpq with nothing around it, to show what it does by itself.
class RawConnection {
public:
  explicit RawConnection(const std::string& dsn = TestServer::instance().dsn())
      : connection_(PQconnectdb(dsn.c_str())) {
    EXPECT_EQ(PQstatus(get()), CONNECTION_OK) << PQerrorMessage(get());
    PQsetNoticeReceiver(get(), [](void*, const PGresult*) {}, nullptr);
  }
  [[nodiscard]] PGconn* get() const { return connection_.get(); }
  [[nodiscard]] int pid() const { return PQbackendPID(get()); }

  /// In the simple protocol, outside pipeline mode: the only value, as text.
  std::string value(const std::string& sql) const {
    const pg::PgResultPtr result(PQexec(get(), sql.c_str()));
    EXPECT_TRUE(pg::succeeded(result.get())) << PQerrorMessage(get());
    return PQntuples(result.get()) == 0 ? "" : PQgetvalue(result.get(), 0, 0);
  }

  void enter_pipeline() const {
    EXPECT_EQ(PQsetnonblocking(get(), 1), 0);
    EXPECT_EQ(PQenterPipelineMode(get()), 1);
  }
  void send(const char* sql) const {
    EXPECT_EQ(PQsendQueryParams(get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  }
  void sync() const { EXPECT_EQ(PQsendPipelineSync(get()), 1); }
  void send_with_sync(const char* sql) const {
    send(sql);
    sync();
  }

  /// Sends all of what is queued, if the server takes it without our reading.
  void flush() const {
    while (PQflush(get()) == 1) {
    }
  }

  /// Waits until a result is ready, writing and reading as both are possible.
  void wait() const {
    while (PQisBusy(get()) != 0) {
      const int unsent = PQflush(get());
      pollfd socket{.fd = PQsocket(get()), .events = POLLIN, .revents = 0};
      if (unsent == 1) socket.events = POLLIN | POLLOUT;
      ASSERT_GT(::poll(&socket, 1, 30'000), 0) << "the server does not answer";
      if (PQconsumeInput(get()) == 0) return;
    }
  }
  pg::PgResultPtr next() const {
    wait();
    return pg::PgResultPtr(PQgetResult(get()));
  }

  /// What one result is, in a word: "null", "sync", "rows", "ok", "aborted" or an SQLSTATE.
  static std::string word(const PGresult* result) {
    if (result == nullptr) return "null";
    switch (PQresultStatus(result)) {
      case PGRES_PIPELINE_SYNC:
        return "sync";
      case PGRES_PIPELINE_ABORTED:
        return "aborted";
      case PGRES_TUPLES_OK:
        return "rows";
      case PGRES_TUPLES_CHUNK:
        return "chunk";
      case PGRES_COMMAND_OK:
        return "ok";
      case PGRES_COPY_IN:
        return "copy in";
      default:
        return pg::server_error(result).sqlstate;
    }
  }
  std::vector<std::string> next_words(int count) const {
    std::vector<std::string> words;
    while (count-- > 0) words.push_back(word(next().get()));
    return words;
  }

  /// Waits until there is something to read, and reads nothing.
  void wait_readable() const {
    flush();
    pollfd socket{.fd = PQsocket(get()), .events = POLLIN, .revents = 0};
    EXPECT_GT(::poll(&socket, 1, 30'000), 0);
  }

private:
  pg::PgConnPtr connection_;
};

}  // namespace loci::test
