// A server that falls silent, says what it must not, or goes in mid-sentence: the caller learns the
// kind of it, and no connection whose place in the stream is in doubt is used again.
#include <gtest/gtest.h>
#include <future>
#include <set>

#include "pg/ask.hpp"
#include "support/fake_backend.hpp"

namespace loci::pg {
namespace {

namespace message = test::message;
using test::ask;
using test::Database;
using test::error_of;
using test::FakeBackend;
using test::query;
using test::soon;
using test::value;
using Client = FakeBackend::Client;
using namespace std::chrono_literals;

std::int32_t one(Database& db) {
  return db.run(value<type::Int4>(db.pool, query("select 7")));
}

Error error_of_asking(Database& db, Deadline deadline = soon()) {
  return error_of([&] { return db.run(ask(db.pool, query("select 7"), deadline)); });
}

// Starts, waits for a statement, and says this to the first connection; later ones are healthy.
FakeBackend::Script says_once(std::string words, bool then_holds = true) {
  return [words = std::move(words), then_holds](Client& client) {
    client.start_up();
    client.read_until('S');
    if (client.number() == 1) {
      client.send(words);
      if (!then_holds) return;
    } else {
      client.send(message::one_value(7));
    }
    client.hold();
  };
}

TEST(HostileServer, AStartupThatNeverFinishesIsAConnectError) {
  FakeBackend server([](Client& client) {
    client.send(message::authentication_ok());
    client.hold();
  });
  Database db({.conninfo = server.dsn(), .connect_timeout = 50ms});
  EXPECT_EQ(error_of_asking(db).kind(), ErrorKind::connect);
  EXPECT_EQ(db.pool.statistics().open, 0);
}

TEST(HostileServer, AStartupThatIsNoPostgresIsAConnectError) {
  FakeBackend server([](Client& client) {
    client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(error_of_asking(db).kind(), ErrorKind::connect);
}

TEST(HostileServer, AScriptedAnswerIsUnderstood) {
  FakeBackend server(says_once(message::one_value(7)));
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(one(db), 7);
}

struct Answer {
  const char* name;
  std::string words;
  bool then_holds = true;
};

// Some of it can only be taken for the beginning of an answer that is still to come.
class BrokenAnswer : public testing::TestWithParam<Answer> {};

TEST_P(BrokenAnswer, IsALossAndItsConnectionIsNotUsedAgain) {
  FakeBackend server(says_once(GetParam().words, GetParam().then_holds));
  Database db({.conninfo = server.dsn()});
  const Error error = error_of_asking(db, Deadline::after(2s));
  const std::set<ErrorKind> kinds{ErrorKind::connection_lost, ErrorKind::protocol,
                                  ErrorKind::timeout};
  EXPECT_TRUE(kinds.contains(error.kind())) << error.what();
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_EQ(one(db), 7);
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_EQ(db.pool.statistics().retired.total(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    HostileServer, BrokenAnswer,
    testing::Values(
        Answer{"Garbage", "garbage, no message of any kind"},
        Answer{"UnknownType", message::make('@', "what") + message::one_value(7)},
        Answer{"NoLength", std::string("D\0\0\0\0", 5)},
        Answer{"RowWithoutColumns", message::parse_complete() + message::bind_complete() +
                                        message::row({7}) + message::complete("SELECT 1") +
                                        message::ready()},
        Answer{"RowOfTooManyFields", message::parse_complete() + message::bind_complete() +
                                         message::row_description({"a"}) + message::row({7, 8}) +
                                         message::complete("SELECT 1") + message::ready()},
        Answer{"ReadyTooEarly", message::ready() + message::one_value(7)},
        Answer{"ExecuteLeftOut", message::parse_complete() + message::ready()},
        Answer{"HalfAMessage", message::one_value(7).substr(0, 30), false},
        Answer{"NothingAtAll", "", false},
        Answer{"FatalInAResult",
               message::parse_complete() + message::bind_complete() +
                   message::row_description({"a"}) + message::row({1}) +
                   message::error("FATAL", "57P02"),
               false}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HostileServer, WhatAFatalErrorSaysIsInTheText) {
  FakeBackend server(says_once(message::parse_complete() + message::bind_complete() +
                                   message::row_description({"a"}) + message::row({1}) +
                                   message::error("FATAL", "57P02", "the end"),
                               false));
  Database db({.conninfo = server.dsn()});
  const Error error = error_of_asking(db);
  EXPECT_THAT(error.what(), testing::HasSubstr("57P02"));
  EXPECT_TRUE(error.connection_lost());
}

TEST(HostileServer, HalfAnAnswerAndSilenceEndsAtTheDeadline) {
  FakeBackend server(says_once(message::one_value(7).substr(0, 30)));
  Database db({.conninfo = server.dsn()});
  const Error error = error_of_asking(db, Deadline::after(50ms));
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_GE(server.cancels(), 1);
  EXPECT_EQ(one(db), 7);
  EXPECT_EQ(server.accepted(), 2);
}

TEST(HostileServer, AnErrorOfTheStatementLeavesTheConnectionInStep) {
  FakeBackend server([](Client& client) {
    client.start_up();
    client.read_until('S');
    client.send(message::error("ERROR", "42601") + message::ready());
    client.read_until('S');
    client.send(message::one_value(7));
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(error_of_asking(db).sqlstate(), "42601");
  EXPECT_EQ(one(db), 7);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(HostileServer, ALastWordThatCameWithTheAnswerEndsTheConnection) {
  FakeBackend server([](Client& client) {
    client.start_up();
    client.read_until('S');
    const bool first = client.number() == 1;
    client.send(message::one_value(7) + (first ? message::error("FATAL", "57P01") : ""));
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(one(db), 7);
  EXPECT_EQ(one(db), 7) << "by another connection, though the first is still open";
  EXPECT_EQ(server.accepted(), 2);
}

TEST(HostileServer, AConnectionEndedWhileIdleIsNotHandedOut) {
  std::promise<void> answered;
  std::promise<void> ended;
  FakeBackend server([&](Client& client) {
    client.start_up();
    client.read_until('S');
    client.send(message::one_value(7));
    if (client.number() == 1) {
      answered.get_future().wait();
      client.send(message::error("FATAL", "57P01"));
      ended.set_value();
    }
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(one(db), 7);
  answered.set_value();
  ended.get_future().wait();
  EXPECT_EQ(one(db), 7);
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_EQ(db.pool.statistics().retired.total(), 1U);
}

TEST(HostileServer, AFloodOfNoticesHidesNoAnswer) {
  FakeBackend server([](Client& client) {
    client.start_up();
    client.read_until('S');
    std::string flood;
    for (int i = 0; i < 10'000; ++i) flood += message::notice("mind the gap");
    client.send(flood + message::parse_complete() + flood + message::bind_complete() +
                message::row_description({"a"}) + flood + message::row({7}) + flood +
                message::complete("SELECT 1") + flood + message::ready());
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(one(db), 7);
}

TEST(HostileServer, AFloodOfNoticesWithoutEndEndsAtTheDeadline) {
  FakeBackend server([](Client& client) {
    client.start_up();
    client.read_until('S');
    for (;;) client.send(message::notice("mind the gap"));
  });
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(error_of_asking(db, Deadline::after(50ms)).kind(), ErrorKind::timeout);
}

}  // namespace
}  // namespace loci::pg
