// A server that becomes a standby, or a primary again, says so with an answer: its connections go.
#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "support/fake_backend.hpp"

namespace loci::pg {
namespace {

namespace message = test::message;
using test::Database;
using test::eventually;
using test::FakeBackend;
using test::query;
using test::reading;
using test::value;

// Answers one statement with the connection's number; on the first `connections` it says before
// that it has become a standby.
FakeBackend::Script becomes_a_standby(int connections) {
  return [connections](FakeBackend::Client& client) {
    client.start_up();
    client.read_until('S');
    if (client.number() <= connections) client.send(message::parameter("in_hot_standby", "on"));
    client.send(message::one_value(static_cast<std::size_t>(client.number())));
    client.hold();
  };
}

TEST(RoleChange, SeenByALeasedConnectionRetiresAllOfThem) {
  FakeBackend server(becomes_a_standby(2));
  Database db({.conninfo = server.dsn(), .max_connections = 2});
  {
    const Lease one = db.run(db.pool.acquire(test::soon()));
    const Lease two = db.run(db.pool.acquire(test::soon()));
  }
  EXPECT_LE(db.run(value<type::Int4>(db.pool, query("select number"))), 2);
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.failover == 2; }));
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select number"))), 3);
}

TEST(RoleChange, SeenByASharedConnectionRetiresIt) {
  FakeBackend server(becomes_a_standby(1));
  Database db({.conninfo = server.dsn()});
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, reading("select number"))), 1);
  EXPECT_GT(db.run(value<type::Int4>(db.pool, reading("select number"))), 1);
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.failover == 1; }));
}

}  // namespace
}  // namespace loci::pg
