#include "storage/conformance/trial.hpp"

// One storage as one tenant, or one user, sees it.
namespace loci::storage::conformance {
namespace {

struct UserViews : Conformance {
  void SetUp() override {
    Conformance::SetUp();
    ann_ = storage().for_user("ann");
    bob_ = storage().for_user("bob");
    annes_ = conversation("of ann", "ann").id;
    bobs_ = conversation("of bob", "bob").id;
  }
  std::unique_ptr<Storage> ann_;
  std::unique_ptr<Storage> bob_;
  Uuid annes_;
  Uuid bobs_;
};
INSTANTIATE_TEST_SUITE_P(Storages, UserViews, every_storage(), storage_name);

TEST_P(UserViews, SeeTheUsersConversations) {
  EXPECT_TRUE(run(ann_->conversations().get(annes_)));
  EXPECT_THAT(each(run(ann_->conversations().list()).items, &Conversation::title),
              ElementsAre("of ann"));
  EXPECT_EQ(run(ann_->conversations().count()), 1);
}

TEST_P(UserViews, SeeNoOthersConversations) {
  EXPECT_FALSE(run(ann_->conversations().get(bobs_)));
  EXPECT_FALSE(run(ann_->conversations().exists(bobs_)));
  EXPECT_FALSE(run(ann_->conversations().exists(ConversationFields::id.eq(bobs_))));
  EXPECT_FALSE(run(ann_->conversations().get_batch({bobs_})).at(0));
  EXPECT_THAT(run(ann_->conversations().list(ConversationFields::user_id.eq("bob"))).items,
              IsEmpty());
  EXPECT_THAT(run(ann_->conversations().search_titles("bob")), IsEmpty());
}

TEST_P(UserViews, ChangeNoOthersConversations) {
  auto bobs = run(conversations().get(bobs_)).value();
  bobs.title = "taken";
  EXPECT_FALSE(run(ann_->conversations().update(bobs_, {.title = "taken"})));
  EXPECT_FALSE(run(ann_->conversations().replace(bobs)));
  EXPECT_FALSE(run(ann_->conversations().erase(bobs_)));
  EXPECT_FALSE(run(ann_->conversations().purge(bobs_)));
  EXPECT_EQ(run(conversations().get(bobs_)).value().title, "of bob");
}

TEST_P(UserViews, RestoreAndPurgeNothingOfOthers) {
  (void)run(conversations().erase(bobs_));
  EXPECT_FALSE(run(ann_->conversations().restore(bobs_)));
  EXPECT_EQ(run(ann_->conversations().purge_deleted(now() + std::chrono::hours(1))), 0);
  EXPECT_THAT(run(ann_->conversations().list({}, {.deleted = Deleted::include})).items, SizeIs(1));
  EXPECT_TRUE(run(bob_->conversations().restore(bobs_)));
}

TEST_P(UserViews, MakeConversationsOfTheUser) {
  EXPECT_EQ(run(ann_->conversations().create({})).user_id, "ann");
  EXPECT_EQ(run(ann_->conversations().create({.user_id = "ann"})).user_id, "ann");
}

TEST_P(UserViews, MakeNoConversationsOfOthers) {
  EXPECT_EQ(refusal(ann_->conversations().create({.user_id = "bob"})), "invalid argument");
  EXPECT_EQ(refusal(ann_->conversations().create_batch({{}, {.user_id = "bob"}})),
            "invalid argument");
  EXPECT_EQ(run(conversations().count()), 2);
}

TEST_P(UserViews, SeeTheUsersMessages) {
  const auto said = say_one(annes_);
  EXPECT_TRUE(run(ann_->messages().get(said.id)));
  EXPECT_THAT(run(ann_->messages().latest(annes_, 9)), SizeIs(1));
  EXPECT_THAT(run(ann_->messages().context(annes_, 9)), SizeIs(1));
  EXPECT_EQ(run(ann_->messages().count()), 1);
}

TEST_P(UserViews, SeeNoOthersMessages) {
  const auto said = say(bobs_, {"a", "b"});
  MessageRepository& seen = ann_->messages();
  EXPECT_FALSE(run(seen.get(said[0].id)));
  EXPECT_FALSE(run(seen.exists(said[0].id)));
  EXPECT_THAT(run(seen.list()).items, IsEmpty());
  EXPECT_THAT(run(seen.list({}, {.deleted = Deleted::include})).items, IsEmpty());
  EXPECT_EQ(run(seen.count()), 0);
  EXPECT_THAT(run(seen.latest(bobs_, 9)), IsEmpty());
  EXPECT_THAT(run(seen.after(bobs_, 0, 9)), IsEmpty());
  EXPECT_THAT(run(seen.context(bobs_, 9)), IsEmpty());
  EXPECT_THAT(run(seen.path(said[1].id)), IsEmpty());
  EXPECT_THAT(run(seen.replies(said[0].id)), IsEmpty());
}

TEST_P(UserViews, ChangeNoOthersMessages) {
  const auto said = say_one(bobs_);
  EXPECT_FALSE(run(ann_->messages().update(said.id, {.content = "x"})));
  EXPECT_FALSE(run(ann_->messages().erase(said.id)));
  EXPECT_EQ(refusal(ann_->messages().append(bobs_, {new_message("x")})), "invalid argument");
  EXPECT_EQ(run(bob_->messages().get(said.id)).value().content, said.content);
}

TEST_P(UserViews, AppendToTheUsersConversations) {
  EXPECT_EQ(run(ann_->messages().append(annes_, {new_message("x")})).at(0).seq, 1);
}

TEST_P(UserViews, SeeTheUsersExecutionsAlone) {
  const auto annes = call(annes_);
  const auto bobs = call(bobs_);
  ToolExecutionRepository& seen = ann_->tool_executions();
  EXPECT_TRUE(run(seen.get(annes.key())));
  EXPECT_FALSE(run(seen.get(bobs.key())));
  EXPECT_FALSE(run(seen.update(bobs.key(), {.status = "running"})));
  EXPECT_FALSE(run(seen.erase(bobs.key())));
  EXPECT_EQ(run(seen.close_pending(bobs_)), 0);
  EXPECT_EQ(run(seen.count()), 1);
}

TEST_P(UserViews, MakeNoExecutionsForOthersMessages) {
  const auto said = say_one(bobs_);
  EXPECT_EQ(refusal(ann_->tool_executions().create(
                {.message_id = said.id, .tool_call_id = "c", .tool_name = "search"})),
            "23503");
}

TEST_P(UserViews, SeeTheUsersMemoriesAlone) {
  const auto annes = run(memories().create(new_memory("a", "ann")));
  const auto bobs = run(memories().create(new_memory("b", "bob")));
  MemoryRepository& seen = ann_->memories();
  EXPECT_TRUE(run(seen.get(annes.id)));
  EXPECT_FALSE(run(seen.get(bobs.id)));
  EXPECT_EQ(run(seen.count()), 1);
  EXPECT_THAT(run(seen.most_important({}, 9)), SizeIs(1));
}

TEST_P(UserViews, ChangeNoOthersMemories) {
  NewMemory made = new_memory("b", "bob");
  made.expires_at = now() + std::chrono::hours(1);
  made.sources = {say_one(bobs_).id};
  const auto bobs = run(memories().create(made));
  MemoryRepository& seen = ann_->memories();
  EXPECT_FALSE(run(seen.update(bobs.id, {.importance = 1})));
  EXPECT_FALSE(run(seen.supersede(bobs.id, new_memory("c", "ann"))));
  EXPECT_EQ(run(seen.touch({bobs.id})), 0);
  EXPECT_EQ(run(seen.sweep(now() + std::chrono::hours(2))), 0);
  EXPECT_THAT(run(seen.versions(bobs.id)), IsEmpty());
  EXPECT_THAT(run(seen.sources(bobs.id)), IsEmpty());
  EXPECT_FALSE(run(seen.erase(bobs.id)));
  EXPECT_EQ(run(memories().get(bobs.id)).value().version, 1);
}

TEST_P(UserViews, PurgeNoOthersMemories) {
  const auto bobs = run(memories().create(new_memory("b", "bob")));
  (void)run(memories().erase(bobs.id));
  EXPECT_EQ(run(ann_->memories().purge_deleted(now() + std::chrono::hours(1))), 0);
}

TEST_P(UserViews, MakeMemoriesOfTheUser) {
  EXPECT_EQ(run(ann_->memories().create(new_memory("x", ""))).scope.user_id, "ann");
  EXPECT_EQ(run(ann_->memories().upsert(new_memory("y", ""))).memory.scope.user_id, "ann");
}

TEST_P(UserViews, MakeNoMemoriesOfOthers) {
  EXPECT_EQ(refusal(ann_->memories().create(new_memory("x", "bob"))), "invalid argument");
  EXPECT_EQ(refusal(ann_->memories().upsert(new_memory("x", "bob"))), "invalid argument");
}

TEST_P(UserViews, MakeNoMemoriesFromOthersMessages) {
  NewMemory made = new_memory("x", "ann");
  made.sources = {say_one(bobs_).id};
  EXPECT_EQ(refusal(ann_->memories().create(made)), "23503");
}

TEST_P(UserViews, MakeNoMemoriesOfOthersConversations) {
  NewMemory made = new_memory("x", "ann");
  made.scope.conversation_id = bobs_;
  EXPECT_EQ(refusal(ann_->memories().create(made)), "23503");
}

TEST_P(UserViews, SeeTheVectorsOfTheUsersTextsAlone) {
  const auto annes = say_one(annes_);
  const auto bobs = say_one(bobs_);
  for (const Uuid& text : {annes.id, bobs.id}) {
    run(embeddings().store(
        {{.model_id = model().id, .content_id = text, .embedding = {{1, 0, 0}}}}));
  }
  EXPECT_EQ(run(ann_->embeddings().count()), 1);
  EXPECT_THAT(run(ann_->embeddings().of_text(model().id, "message", annes.id)), SizeIs(1));
  EXPECT_THAT(run(ann_->embeddings().of_text(model().id, "message", bobs.id)), IsEmpty());
  EXPECT_FALSE(run(ann_->embeddings().erase({.model_id = model().id, .content_id = bobs.id})));
}

TEST_P(UserViews, StoreNoVectorsOfOthersTexts) {
  const NewEmbedding made{
      .model_id = model().id, .content_id = say_one(bobs_).id, .embedding = {{1, 0, 0}}};
  EXPECT_NE(refusal(ann_->embeddings().create(made)), "nothing");
  EXPECT_NE(refusal(ann_->embeddings().store({made})), "nothing");
  EXPECT_EQ(run(embeddings().count()), 0);
}

TEST_P(UserViews, ShareToolsAndModels) {
  (void)run(tools().create({.name = "search"}));
  EXPECT_TRUE(run(ann_->tools().find("search")));
  EXPECT_EQ(run(ann_->tools().count()), 1);
  const auto shared = model();
  EXPECT_THAT(each(run(ann_->embeddings().models()), &EmbeddingModel::id),
              testing::Contains(shared.id));
}

TEST_P(UserViews, AreNarrowInTheirTransactionsToo) {
  const auto transaction = run(ann_->begin());
  EXPECT_FALSE(run(transaction->conversations().get(bobs_)));
  EXPECT_EQ(run(transaction->conversations().create({})).user_id, "ann");
  run(transaction->commit());
  EXPECT_EQ(run(ann_->conversations().count()), 2);
}

TEST_P(UserViews, KeepTheirTenant) {
  const auto other = storage().for_tenant(Uuid::v7());
  const auto ann_there = other->for_user("ann");
  EXPECT_EQ(run(ann_there->conversations().count()), 0);
  const auto made = run(ann_there->conversations().create({}));
  EXPECT_TRUE(run(other->conversations().get(made.id)));
  EXPECT_FALSE(run(ann_->conversations().get(made.id)));
}

TEST_P(UserViews, AreNotWidened) {
  const auto refused = [](auto make) {
    try {
      (void)make();
    } catch (const Error& error) {
      return name_of(error);
    }
    return std::string("nothing");
  };
  EXPECT_EQ(refused([&] { return ann_->for_user("bob"); }), "invalid argument");
  EXPECT_EQ(refused([&] { return ann_->for_tenant(Uuid::v7()); }), "invalid argument");
  EXPECT_EQ(run(ann_->for_user("ann")->conversations().count()), 1);
}

TEST_P(UserViews, MigrateNothing) {
  EXPECT_EQ(refusal(ann_->migrate()), "invalid argument");
  EXPECT_EQ(refusal(ann_->migrate_down(1)), "invalid argument");
}

TEST_P(UserViews, SupersedeNothingByAnothersMemory) {
  EXPECT_EQ(refusal(ann_->memories().supersede(nobody(), new_memory("x", "bob"))),
            "invalid argument");
}

TEST_P(UserViews, EndNoCallsByOthersMessages) {
  const auto made = call(annes_);
  const auto bobs = say_one(bobs_);
  EXPECT_EQ(refusal(ann_->tool_executions().update(made.key(),
                                                   {.result_message_id = std::optional(bobs.id)})),
            "invalid argument");
}

TEST_P(UserViews, OfNoUserAreRefused) {
  for (const char* nobody : {"", "a\xff"}) {
    EXPECT_THROW((void)storage().for_user(nobody), Error);
  }
}

TEST_P(UserViews, RefuseACursorOfAnother) {
  (void)conversation("more", "ann");
  const auto cursor = run(ann_->conversations().list({}, {.limit = 1})).next;
  EXPECT_EQ(refusal(bob_->conversations().list({}, {.limit = 1, .cursor = cursor})),
            "invalid argument");
}

struct TenantViews : Conformance {
  void SetUp() override {
    Conformance::SetUp();
    other_ = storage().for_tenant(Uuid::v7());
    home_ = conversation().id;
  }
  std::unique_ptr<Storage> other_;
  Uuid home_;
};
INSTANTIATE_TEST_SUITE_P(Storages, TenantViews, every_storage(), storage_name);

TEST_P(TenantViews, AppendNothingToAnothersConversations) {
  EXPECT_EQ(refusal(other_->messages().append(home_, {new_message("x")})), "invalid argument");
}

TEST_P(TenantViews, ReadNoMessagesOfAnothersConversations) {
  const auto said = say(home_, {"a", "b"});
  EXPECT_THAT(run(other_->messages().latest(home_, 9)), IsEmpty());
  EXPECT_THAT(run(other_->messages().after(home_, 0, 9)), IsEmpty());
  EXPECT_THAT(run(other_->messages().context(home_, 9)), IsEmpty());
  EXPECT_THAT(run(other_->messages().path(said[1].id)), IsEmpty());
  EXPECT_THAT(run(other_->messages().replies(said[0].id)), IsEmpty());
}

TEST_P(TenantViews, AnswerNoMessagesOfAnother) {
  const auto said = say_one(home_);
  const auto there = run(other_->conversations().create({.user_id = "eve"}));
  NewMessage made = new_message("x");
  made.parent_id = said.id;
  EXPECT_EQ(refusal(other_->messages().append(there.id, {made})), "23503");
}

TEST_P(TenantViews, RestoreAndPurgeNothingOfAnother) {
  (void)run(conversations().erase(home_));
  EXPECT_FALSE(run(other_->conversations().restore(home_)));
  EXPECT_FALSE(run(other_->conversations().purge(home_)));
  EXPECT_EQ(run(other_->conversations().purge_deleted(now() + std::chrono::hours(1))), 0);
  EXPECT_TRUE(run(conversations().restore(home_)));
}

TEST_P(TenantViews, FindNoTitlesOfAnother) {
  EXPECT_THAT(run(other_->conversations().search_titles("talk")), IsEmpty());
}

TEST_P(TenantViews, MakeNoExecutionsForAnothersMessages) {
  const auto said = say_one(home_);
  EXPECT_EQ(refusal(other_->tool_executions().create(
                {.message_id = said.id, .tool_call_id = "c", .tool_name = "search"})),
            "23503");
}

TEST_P(TenantViews, CloseNoCallsOfAnother) {
  const auto made = call(home_);
  EXPECT_EQ(run(other_->tool_executions().close_pending(home_)), 0);
  EXPECT_EQ(run(executions().get(made.key())).value().status, "pending");
}

TEST_P(TenantViews, FindNoToolsOfAnother) {
  (void)run(tools().create({.name = "search"}));
  EXPECT_FALSE(run(other_->tools().find("search")));
  EXPECT_EQ(run(other_->tools().register_tool({.name = "search"})).tool_version, 1);
}

TEST_P(TenantViews, MakeNoMemoriesOfAnothersConversationsOrMessages) {
  NewMemory of_talk = new_memory("x");
  of_talk.scope.conversation_id = home_;
  EXPECT_EQ(refusal(other_->memories().create(of_talk)), "23503");
  NewMemory of_message = new_memory("x");
  of_message.sources = {say_one(home_).id};
  EXPECT_EQ(refusal(other_->memories().create(of_message)), "23503");
}

TEST_P(TenantViews, TouchSweepAndPurgeNoMemoriesOfAnother) {
  NewMemory made = new_memory("x");
  made.expires_at = now() + std::chrono::hours(1);
  const auto stored = run(memories().create(made));
  EXPECT_EQ(run(other_->memories().touch({stored.id})), 0);
  EXPECT_EQ(run(other_->memories().sweep(now() + std::chrono::hours(2))), 0);
  EXPECT_FALSE(run(other_->memories().supersede(stored.id, new_memory("y"))));
  EXPECT_THAT(run(other_->memories().most_important({}, 9)), IsEmpty());
  (void)run(memories().erase(stored.id));
  EXPECT_EQ(run(other_->memories().purge_deleted(now() + std::chrono::hours(2))), 0);
}

TEST_P(TenantViews, StoreTheSameMemoryEachForItself) {
  (void)run(memories().create(new_memory("x")));
  EXPECT_TRUE(run(other_->memories().upsert(new_memory("x"))).created);
}

TEST_P(TenantViews, StoreTheSameIdEachForItself) {
  EXPECT_EQ(run(other_->conversations().create({.id = home_, .user_id = "eve"})).version, 1);
  EXPECT_TRUE(run(other_->conversations().erase(home_)));
  EXPECT_TRUE(run(conversations().get(home_)));
}

TEST_P(TenantViews, SeeNoVectorsOfAnother) {
  const Uuid text = say_one(home_).id;
  NewMessage same = new_message("x");
  same.id = text;
  same.conversation_id = run(other_->conversations().create({.user_id = "eve"})).id;
  (void)run(other_->messages().create(same));
  const NewEmbedding made{.model_id = model().id, .content_id = text, .embedding = {{1, 0, 0}}};
  run(embeddings().store({made}));
  EXPECT_THAT(run(other_->embeddings().of_text(model().id, "message", text)), IsEmpty());
  run(other_->embeddings().store({made}));
  EXPECT_EQ(run(embeddings().of_text(model().id, "message", text)).at(0).version, 1);
}

TEST_P(TenantViews, EraseNoUsersOfAnother) {
  const auto report = run(other_->erase_user("ann"));
  for (const ErasedRows& rows : report.tables) EXPECT_EQ(rows.erased, 0) << rows.table;
  EXPECT_TRUE(run(conversations().get(home_)));
}

TEST_P(TenantViews, MigrateNothing) {
  EXPECT_EQ(refusal(other_->migrate()), "invalid argument");
  EXPECT_EQ(refusal(other_->migrate_down(1)), "invalid argument");
}

TEST_P(TenantViews, MayBeGoneBeforeTheirTransactions) {
  const Uuid tenant = Uuid::v7();
  const auto transaction = run(storage().for_tenant(tenant)->begin());
  const Uuid id = Uuid::v7();
  const std::vector<NewConversation> made{{.id = id, .user_id = "eve"}, {.user_id = "eve"}};
  (void)run(transaction->conversations().create_batch(made));
  EXPECT_EQ(refusal(transaction->conversations().create_batch(made)), "23505");
  run(transaction->commit());
  EXPECT_TRUE(run(storage().for_tenant(tenant)->conversations().get(id)));
}

TEST_P(TenantViews, CloseNothing) {
  other_->close();
  EXPECT_EQ(refusal(conversations().count()), "nothing");
}

}  // namespace
}  // namespace loci::storage::conformance
