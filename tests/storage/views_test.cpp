// Narrowed views: what they store is whose they are narrowed to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <loci/pg/scoped_session.hpp>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;

struct Views : testing::Test, test::StorageFixture {
  Views() : StorageFixture(4) {}

  static NewConversation of(std::string user) {
    NewConversation made;
    made.user_id = std::move(user);
    return made;
  }
  static NewMemory fact(std::string user) {
    NewMemory made;
    made.scope.user_id = std::move(user);
    made.content = "a fact";
    return made;
  }
  std::int64_t rows_of(Uuid tenant) {
    pg::ScopedSession scoped(storage.pool(), pg::ScopedSession::Inside::pool,
                             {{"loci.tenant_id", tenant.str()}});
    return run(test::value<pg::type::Int8>(
        scoped, test::query("select (select count(*) from conversations)"
                            " + (select count(*) from messages) + (select count(*) from tools)")));
  }
};

TEST_F(Views, OfATenantStoresForThatTenant) {
  const Uuid tenant = test::other_tenant();
  const auto view = storage.for_tenant(tenant);
  const Conversation made = run(view->conversations().create(of("ann")));
  (void)run(view->messages().append(made.id, {message("hello")}));
  (void)run(view->tools().register_tool({.name = "bash"}));
  EXPECT_EQ(rows_of(tenant), 3);
  EXPECT_EQ(rows_of(storage.tenant_id()), 0);
  EXPECT_EQ(run(view->conversations().list()).items.at(0).id, made.id);
  EXPECT_EQ(run(view->messages().latest(made.id, 1)).at(0).content, "hello");
}

TEST_F(Views, TransactionsOfOneAreThatTenantsFromTheirFirstStatementOn) {
  const Uuid tenant = test::other_tenant();
  const auto view = storage.for_tenant(tenant);
  {
    const auto transaction = run(view->begin());
    const Conversation made = run(transaction->conversations().create(of("ann")));
    (void)run(transaction->messages().append(made.id, {message("hello"), message("again")}));
    auto doubled = std::vector{of("bob"), of("bob")};
    doubled[0].id = doubled[1].id = made.id;
    EXPECT_FALSE(run(transaction->conversations().create_each(doubled)).at(0));
    (void)run(transaction->conversations().create(of("bob")));
    run(transaction->commit());
  }
  EXPECT_EQ(rows_of(tenant), 4);
  EXPECT_EQ(run(storage.conversations().count()), 0) << "nothing is left on the connection";
}

TEST_F(Views, OfManyTenantsAtOnceNeverMix) {
  constexpr int k_tenants = 6;
  std::vector<std::unique_ptr<Storage>> views;
  for (int i = 0; i < k_tenants; ++i) views.push_back(storage.for_tenant(Uuid::v7()));
  const auto work = [](Storage& view, std::string name) -> Task<int> {
    int strangers = 0;
    for (int i = 0; i < 20; ++i) {
      const Conversation made = co_await view.conversations().create(of(name));
      (void)co_await view.conversations().get(made.id);
      for (const auto& each : (co_await view.conversations().list()).items) {
        strangers += each.user_id == name ? 0 : 1;
      }
    }
    co_return strangers;
  };
  std::vector<std::future<int>> workers;
  for (int i = 0; i < k_tenants; ++i) {
    workers.push_back(boost::asio::co_spawn(
        runtime.executor(), work(*views[static_cast<std::size_t>(i)], std::to_string(i)),
        boost::asio::use_future));
  }
  for (auto& each : workers) EXPECT_EQ(each.get(), 0);
}

TEST_F(Views, OfAUserMakeWhatIsCreatedTheirs) {
  const auto ann = storage.for_user("ann");
  EXPECT_EQ(run(ann->conversations().create(of(""))).user_id, "ann");
  EXPECT_EQ(run(ann->conversations().create(of("ann"))).user_id, "ann");
  EXPECT_EQ(run(ann->memories().create(fact(""))).scope.user_id, "ann");
  EXPECT_FALSE(run(ann->memories().upsert(fact(""))).created);
}

TEST_F(Views, OfAUserRefuseToCreateForAnother) {
  const auto ann = storage.for_user("ann");
  const auto kind = [&](auto work) { return error_of([&] { return run(work()); }).kind(); };
  using enum ErrorKind;
  EXPECT_EQ(kind([&] { return ann->conversations().create(of("bob")); }), invalid_argument);
  EXPECT_EQ(kind([&] { return ann->conversations().create_batch({of("bob")}); }), invalid_argument);
  EXPECT_EQ(kind([&] { return ann->memories().create(fact("bob")); }), invalid_argument);
  EXPECT_EQ(kind([&] { return ann->memories().upsert(fact("bob")); }), invalid_argument);
  EXPECT_EQ(kind([&] { return ann->erase_user("bob"); }), invalid_argument);
  const Conversation theirs = talk({"hello"}, "bob");
  NewEmbedding vector;
  vector.model_id = run(storage.embeddings().add_model("m", 2)).id;
  vector.content_id = run(storage.messages().latest(theirs.id, 1)).at(0).id;
  vector.embedding = {{1, 0}};
  EXPECT_EQ(kind([&] { return ann->embeddings().create(vector); }), invalid_argument);
  EXPECT_EQ(kind([&]() -> Task<bool> {
              co_await ann->embeddings().store({vector});
              co_return true;
            }),
            invalid_argument);
  EXPECT_EQ(number("select (select count(*) from memories) + (select count(*) from embeddings)"),
            0);
}

TEST_F(Views, OfAViewKeepItsTenant) {
  const Uuid tenant = test::other_tenant();
  const auto theirs = storage.for_tenant(tenant);
  const auto ann = theirs->for_user("ann");
  (void)run(ann->conversations().create(of("")));
  EXPECT_EQ(rows_of(tenant), 1);
  EXPECT_EQ(run(theirs->for_user("bob")->conversations().count()), 0);
  EXPECT_EQ(error_of([&] { return ann->for_tenant(storage.tenant_id()); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { return ann->for_user("bob"); }).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(run(ann->for_user("ann")->conversations().count()), 1);
}

TEST_F(Views, CloseNothing) {
  storage.for_user("ann")->close();
  storage.for_tenant(test::other_tenant())->close();
  EXPECT_EQ(run(storage.conversations().count()), 0);
}

TEST_F(Views, CostNoConnection) {
  for (int i = 0; i < 10; ++i) {
    (void)run(storage.for_user("user" + std::to_string(i))->conversations().count());
  }
  EXPECT_LE(storage.metrics().pool.open, 2) << "one, and one for short reads";
}

}  // namespace
}  // namespace loci::storage
