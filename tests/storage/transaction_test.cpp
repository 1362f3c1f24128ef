#include <gtest/gtest.h>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using test::eventually;

struct StorageTransactions : testing::Test, test::StorageFixture {
  std::unique_ptr<Transaction> begin(pg::TransactionOptions options = {}) {
    return run(storage.begin(options));
  }
  static NewConversation by(std::string user) {
    NewConversation made;
    made.user_id = std::move(user);
    return made;
  }
  std::int64_t count() { return run(storage.conversations().count()); }
};

TEST_F(StorageTransactions, RepositoriesInsideWorkTogetherAndCommitAtOnce) {
  auto transaction = begin();
  const auto conversation = run(transaction->conversations().create(by("ann")));
  const auto messages =
      run(transaction->messages().append(conversation.id, {message("a"), message("b")}));
  const auto model = run(transaction->embeddings().add_model("m", 2));
  NewEmbedding vector;
  vector.model_id = model.id;
  vector.content_id = messages[0].id;
  vector.embedding = {{1, 0}};
  run(transaction->embeddings().store({vector}));

  EXPECT_EQ(run(transaction->messages().count()), 2);
  EXPECT_EQ(count(), 0) << "nobody else sees it yet";
  run(transaction->commit());
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(run(storage.messages().count()), 2);
  EXPECT_EQ(run(storage.embeddings().count()), 1);
}

TEST_F(StorageTransactions, RollbackUndoesAll) {
  auto transaction = begin();
  const auto conversation = run(transaction->conversations().create(by("ann")));
  (void)run(transaction->messages().append(conversation.id, {message("a")}));
  run(transaction->rollback());
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(number("select count(*) from messages"), 0);
}

TEST_F(StorageTransactions, AnAbandonedOneIsUndoneAndLetsItsLocksGo) {
  const auto conversation = run(storage.conversations().create(by("ann")));
  {
    auto transaction = begin();
    (void)run(transaction->messages().append(conversation.id, {message("lost")}));
    EXPECT_TRUE(run(transaction->conversations().erase(conversation.id)));
  }
  const auto kept = run(storage.messages().append(conversation.id, {message("kept")}));
  EXPECT_EQ(kept.at(0).seq, 1);
  EXPECT_EQ(count(), 1);
}

TEST_F(StorageTransactions, AfterAnErrorNothingIsCommitted) {
  auto transaction = begin();
  NewConversation twice = by("ann");
  twice.id = Uuid::v7();
  (void)run(transaction->conversations().create(twice));
  EXPECT_EQ(error_of([&] { return run(transaction->conversations().create(twice)); }).sqlstate(),
            "23505");
  EXPECT_EQ(error_of([&]() -> bool { return run(transaction->commit()), true; }).sqlstate(),
            "25P02");
  EXPECT_EQ(count(), 0);
}

TEST_F(StorageTransactions, OfTwoSerializableOnesThatCrossTheSecondMayTryAgain) {
  const pg::TransactionOptions options{.isolation = pg::Isolation::serializable};
  const auto first = begin(options);
  const auto second = begin(options);
  // Each looks at how many there are, then adds one: in a row, only one of them could have seen 0.
  EXPECT_EQ(run(first->conversations().count()), 0);
  EXPECT_EQ(run(second->conversations().count()), 0);
  (void)run(first->conversations().create(by("ann")));
  const Error error = error_of([&]() -> bool {
    (void)run(second->conversations().create(by("bob")));
    run(first->commit());
    return run(second->commit()), true;
  });
  EXPECT_EQ(error.sqlstate(), "40001");
  EXPECT_TRUE(error.retryable());
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace loci::storage
