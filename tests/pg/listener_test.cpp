#include <loci/pg/listener.hpp>
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <mutex>

#include "pg/ask.hpp"
#include "pg/connect_options.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;
using Kind = ChannelEvent::Kind;

struct Listening : testing::Test {
  PoolOptions options() {
    PoolOptions made;
    made.conninfo = db.dsn + " application_name=the_listener";
    return made;
  }
  ChannelEvent next(ChannelFeed& feed) {
    std::optional<ChannelEvent> event = db.run(feed.next(soon()));
    return event.value_or(ChannelEvent{Kind::missed, "no event came", {}, 0});
  }
  std::string payload(ChannelFeed& feed) {
    const ChannelEvent event = next(feed);
    EXPECT_EQ(event.kind, Kind::notification);
    return event.payload;
  }
  void notify(const std::string& channel, const std::string& text) {
    (void)db.run(db.pool.run(Notify{channel, text}, soon()));
  }
  // The listener's connections that the server ended, all of them gone.
  int end_connections() {
    const auto ended = db.run(value<type::Int8>(
        db.pool, query("select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity "
                       "where application_name = 'the_listener'")));
    return static_cast<int>(ended);
  }

  Database db;
  Listener listener{db.runtime.executor(), options()};
};

TEST_F(Listening, BringsNotificationsInTheirOrder) {
  ChannelFeed feed = listener.feed("news");
  const ChannelEvent first = next(feed);
  EXPECT_EQ(first.kind, Kind::listening);
  EXPECT_EQ(first.channel, "news");
  for (int i = 0; i < 50; ++i) notify("news", std::to_string(i));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(payload(feed), std::to_string(i));
}

TEST_F(Listening, AnyNameAndAnyPayload) {
  const std::string name = "Odd \"channel\"; select 1";
  ChannelFeed feed = listener.feed(name);
  EXPECT_EQ(next(feed).kind, Kind::listening);
  notify(name, "");
  notify(name, "it's ünïcode\n");
  EXPECT_EQ(payload(feed), "");
  EXPECT_EQ(payload(feed), "it's ünïcode\n");
  EXPECT_EQ(error_of([&] { return (void)listener.feed(""), 0; }).kind(),
            ErrorKind::invalid_argument);
}

TEST_F(Listening, EachSubscriberGetsItsChannelAndOnlyThat) {
  ChannelFeed one = listener.feed("one");
  ChannelFeed also_one = listener.feed("one");
  ChannelFeed two = listener.feed("two");
  for (ChannelFeed* feed : {&one, &also_one, &two}) EXPECT_EQ(next(*feed).kind, Kind::listening);
  notify("one", "1");
  notify("two", "2");
  EXPECT_EQ(payload(one), "1");
  EXPECT_EQ(payload(also_one), "1");
  EXPECT_EQ(payload(two), "2");
}

TEST_F(Listening, ANotificationOfATransactionComesWhenItCommits) {
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  Transaction dropped = db.run(Transaction::begin(db.pool, {}, soon()));
  (void)db.run(dropped.run(Notify{"news", "dropped"}, soon()));
  db.run(dropped.rollback(soon()));
  Transaction kept = db.run(Transaction::begin(db.pool, {}, soon()));
  (void)db.run(kept.commit_with(soon(), Notify{"news", "kept"}));
  EXPECT_EQ(payload(feed), "kept");
}

TEST_F(Listening, AfterALossItSaysThatSomethingMayBeMissedAndListensAgain) {
  ChannelFeed one = listener.feed("one");
  ChannelFeed two = listener.feed("two");
  EXPECT_EQ(next(one).kind, Kind::listening);
  EXPECT_EQ(next(two).kind, Kind::listening);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(end_connections(), 1);
    EXPECT_EQ(next(one).kind, Kind::missed);
    EXPECT_EQ(next(two).kind, Kind::missed);
    notify("one", "again");
    EXPECT_EQ(payload(one), "again");
    notify("two", "again");
    EXPECT_EQ(payload(two), "again");
  }
}

TEST_F(Listening, AtTheDeadlineNextGivesNothingAndNothingIsLost) {
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  EXPECT_FALSE(db.run(feed.next(Deadline::after(20ms))));
  notify("news", "later");
  EXPECT_EQ(payload(feed), "later");
}

TEST_F(Listening, ACancelledNextLosesNothing) {
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  Running<std::optional<ChannelEvent>> waiting(db.runtime, feed.next(soon()));
  waiting.cancel();
  EXPECT_EQ(error_of([&] { return waiting.get(); }).kind(), ErrorKind::cancelled);
  notify("news", "later");
  EXPECT_EQ(payload(feed), "later");
}

TEST_F(Listening, ACallbackRunsNoMoreOnceItsSubscriptionIsGone) {
  std::mutex mutex;
  std::vector<std::string> heard;
  std::optional<Subscription> subscription =
      listener.subscribe("news", [&](const ChannelEvent& event) {
        const std::scoped_lock lock(mutex);
        heard.push_back(event.payload);
      });
  const auto count = [&] {
    const std::scoped_lock lock(mutex);
    return heard.size();
  };
  EXPECT_TRUE(eventually([&] { return count() == 1; }));  // listening
  notify("news", "one");
  EXPECT_TRUE(eventually([&] { return count() == 2; }));
  subscription.reset();
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  notify("news", "two");
  EXPECT_EQ(payload(feed), "two");
  EXPECT_EQ(count(), 2U);
}

TEST_F(Listening, ACallbackMayEndItsOwnSubscription) {
  std::optional<Subscription> subscription;
  std::atomic<int> calls = 0;
  std::atomic<bool> set = false;
  subscription = listener.subscribe("news", [&](const ChannelEvent& event) {
    ++calls;
    if (event.kind == Kind::notification && set) subscription.reset();
  });
  set = true;
  EXPECT_TRUE(eventually([&] { return calls == 1; }));
  notify("news", "one");
  EXPECT_TRUE(eventually([&] { return calls == 2; }));
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  notify("news", "two");
  EXPECT_EQ(payload(feed), "two");
  EXPECT_EQ(calls, 2);
}

TEST_F(Listening, TheHookGivesTheConnectionStringEachTime) {
  std::atomic<int> asked = 0;
  PoolOptions made = options();
  made.hooks.before_connect = [&, dsn = std::exchange(made.conninfo, "host=/nowhere/at/all")](
                                  std::string given, Deadline) -> awaitable<std::string> {
    EXPECT_EQ(given, "host=/nowhere/at/all");
    ++asked;
    co_return dsn;
  };
  Listener hooked(db.runtime.executor(), made);
  ChannelFeed feed = hooked.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  EXPECT_EQ(end_connections(), 1);
  EXPECT_EQ(next(feed).kind, Kind::missed);
  EXPECT_EQ(asked, 2);
}

TEST_F(Listening, ItsConnectionNoticesADeadPeerLikeThePools) {
  const auto how = db.run(connect_options(options(), soon()));
  const Conninfo used(how.conninfo, how.settings, how.defaults);
  EXPECT_EQ(used.value("tcp_user_timeout"), "5000");
  EXPECT_EQ(used.value("keepalives_idle"), "2");
  EXPECT_THAT(std::string(used.value("options")), testing::HasSubstr("statement_timeout=30000"));
}

TEST_F(Listening, ClosedItEndsItsFeedsAndRefusesMore) {
  ChannelFeed feed = listener.feed("news");
  EXPECT_EQ(next(feed).kind, Kind::listening);
  Running<std::optional<ChannelEvent>> waiting(db.runtime, feed.next(soon()));
  listener.close();
  EXPECT_EQ(error_of([&] { return waiting.get(); }).kind(), ErrorKind::closed);
  EXPECT_EQ(error_of([&] { return (void)listener.feed("news"), 0; }).kind(), ErrorKind::closed);
  EXPECT_TRUE(eventually([&] { return end_connections() == 0; }));
}

}  // namespace
}  // namespace loci::pg
