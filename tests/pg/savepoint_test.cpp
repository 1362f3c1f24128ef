#include <loci/pg/savepoint.hpp>
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::query;
using test::soon;
using test::value;

struct Savepoints : testing::Test {
  Savepoints() { db.script("create table t (id int primary key)"); }

  void insert(Session& session, std::int32_t id) {
    (void)db.run(ask(session, query<type::Int4>("insert into t values ($1)", id)));
  }
  ErrorKind refused(Session& session) {
    return error_of([&]() -> bool { return insert(session, 99), true; }).kind();
  }
  template <class Part>
  Savepoint nested(Part& part) {
    return db.run(part.nested(soon()));
  }
  std::string committed() {
    db.run(transaction.commit(soon()));
    return db.run(value<type::Text>(
        db.pool, query("select coalesce(string_agg(id::text, ' ' order by id), '') from t")));
  }

  Database db;
  Transaction transaction = db.run(Transaction::begin(db.pool, {}, soon()));
};

TEST_F(Savepoints, AReleasedPartIsCommittedWithTheRest) {
  insert(transaction, 1);
  Savepoint part = nested(transaction);
  insert(part, 2);
  db.run(part.release(soon()));
  insert(transaction, 3);
  EXPECT_EQ(committed(), "1 2 3");
}

TEST_F(Savepoints, OneMayBeTheFirstThingInATransaction) {
  Savepoint part = nested(transaction);
  insert(part, 1);
  db.run(part.release(soon()));
  EXPECT_EQ(committed(), "1");
}

TEST_F(Savepoints, ARolledBackPartIsGoneAndTheRestStays) {
  insert(transaction, 1);
  Savepoint part = nested(transaction);
  insert(part, 2);
  db.run(part.rollback(soon()));
  insert(transaction, 3);
  EXPECT_EQ(committed(), "1 3");
}

TEST_F(Savepoints, AnAbandonedPartIsUndoneBeforeTheNextStatement) {
  insert(transaction, 1);
  {
    Savepoint part = nested(transaction);
    insert(part, 2);
    EXPECT_EQ(error_of([&]() -> bool { return insert(part, 2), true; }).sqlstate(), "23505");
  }
  insert(transaction, 2);
  EXPECT_EQ(committed(), "1 2");
}

TEST_F(Savepoints, AnAbandonedPartIsUndoneBeforeCommit) {
  insert(transaction, 1);
  {
    Savepoint part = nested(transaction);
    insert(part, 2);
  }
  EXPECT_EQ(committed(), "1");
}

TEST_F(Savepoints, AbandoningAnOuterPartUndoesWhatIsWithinIt) {
  insert(transaction, 1);
  {
    Savepoint outer = nested(transaction);
    insert(outer, 2);
    Savepoint inner = nested(outer);
    insert(inner, 3);
    db.run(inner.release(soon()));
    Savepoint open = nested(outer);
    insert(open, 4);
  }
  EXPECT_EQ(committed(), "1");
}

TEST_F(Savepoints, AFailedPartCannotBeReleasedButTheTransactionGoesOn) {
  insert(transaction, 1);
  Savepoint part = nested(transaction);
  insert(part, 2);
  EXPECT_EQ(error_of([&]() -> bool { return insert(part, 1), true; }).sqlstate(), "23505");
  EXPECT_EQ(error_of([&] { return db.run(part.release(soon())), 0; }).sqlstate(), "25P02");
  insert(transaction, 3);
  EXPECT_EQ(committed(), "1 3");
}

TEST_F(Savepoints, WhatContainsAnOpenPartTakesNothing) {
  Savepoint outer = nested(transaction);
  Savepoint inner = nested(outer);
  EXPECT_EQ(refused(transaction), ErrorKind::invalid_argument);
  EXPECT_EQ(refused(outer), ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { return db.run(transaction.commit(soon())), 0; }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { return db.run(outer.release(soon())), 0; }).kind(),
            ErrorKind::invalid_argument);
  insert(inner, 1);
  db.run(inner.release(soon()));
  db.run(outer.release(soon()));
  EXPECT_EQ(committed(), "1");
}

TEST_F(Savepoints, APartThatIsOverRefusesMore) {
  Savepoint part = nested(transaction);
  db.run(part.release(soon()));
  EXPECT_EQ(refused(part), ErrorKind::closed);
  EXPECT_EQ(error_of([&] { return db.run(part.rollback(soon())), 0; }).kind(), ErrorKind::closed);
}

TEST_F(Savepoints, RollingBackTheTransactionEndsItsParts) {
  Savepoint part = nested(transaction);
  insert(part, 1);
  db.run(transaction.rollback(soon()));
  EXPECT_EQ(refused(part), ErrorKind::closed);
}

TEST_F(Savepoints, AnAbandonedTransactionEndsItsPartsAndGivesTheConnectionBack) {
  Savepoint part = nested(transaction);
  insert(part, 1);
  transaction = db.run(Transaction::begin(db.pool, {}, soon()));
  EXPECT_EQ(refused(part), ErrorKind::closed);
  insert(transaction, 2);
  EXPECT_EQ(committed(), "2");
}

}  // namespace
}  // namespace loci::pg
