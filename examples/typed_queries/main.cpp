// Two customers, one order, and a report, in a private PostgreSQL that is gone afterwards.
#include <queries/customers.hpp>
#include <queries/orders.hpp>

#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdio>

namespace {

using loci::Deadline;
using namespace std::chrono_literals;
using namespace shop::queries;

// What your migration tool does: the part of db/migrations above its `Down`.
constexpr const char* schema =
    "create table customers (id bigint generated always as identity primary key,"
    " email text not null unique, name text);"
    "create table orders (id bigint generated always as identity primary key,"
    " customer_id bigint not null references customers, cents bigint not null,"
    " placed_at timestamptz not null default now());";

boost::asio::awaitable<void> trade(loci::pg::Pool& pool) {
  const Deadline deadline = Deadline::after(30s);
  {
    auto lease = co_await pool.acquire(deadline);
    co_await lease.script(schema, "schema", deadline);
  }
  const auto ada =
      co_await pool.run(AddCustomer{.email = "ada@example.com", .name = "Ada"}, deadline);
  (void)co_await pool.run(AddCustomer{.email = "bob@example.com", .name = {}}, deadline);
  co_await pool.run(PlaceOrder{.customer_id = ada->id, .cents = 1999}, deadline);

  for (const ListSpending::Row& row : co_await pool.run(ListSpending{}, deadline)) {
    // `cents` is a std::optional: the sum of no orders is NULL.
    std::printf("%s %lld\n", row.email.c_str(), static_cast<long long>(row.cents.value_or(0)));
  }
}

}  // namespace

int main() {
  try {
    const auto server = loci::pg::EmbeddedServer::open({.throwaway = true});
    loci::Runtime runtime;
    loci::pg::Pool pool(runtime.executor(), {.conninfo = server.dsn()});
    runtime.wait(trade(pool));
  } catch (const loci::Error& error) {
    std::fprintf(stderr, "shop: %s\n", error.what());
    return 1;
  }
}
