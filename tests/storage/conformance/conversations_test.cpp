#include "storage/conformance/trial.hpp"

// What conversations do beside what every record does.
namespace loci::storage::conformance {
namespace {

struct Conversations : Conformance {
  static std::vector<std::string> titles(const std::vector<Conversation>& found) {
    return each(found, &Conversation::title);
  }
  std::vector<std::string> search(std::string words) {
    return titles(run(conversations().search_titles(std::move(words))));
  }
  Conversation from(std::string source, std::string id) {
    return run(conversations().create(
        {.user_id = "ann", .source = std::move(source), .source_id = std::move(id)}));
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Conversations, every_storage(), storage_name);

TEST_P(Conversations, GetAnIdWhenNoneIsGiven) {
  EXPECT_NE(conversation().id, conversation().id);
}

TEST_P(Conversations, KeepTheTimeTheyWereMadeAt) {
  const Timestamp then = at("2020-02-29T23:59:59.123456Z");
  const auto made = run(conversations().create({.user_id = "ann", .created_at = then}));
  EXPECT_EQ(made.created_at, then);
  EXPECT_EQ(made.updated_at, then);
}

TEST_P(Conversations, KeepTheirSource) {
  const auto made = from("chatgpt", "x-1");
  EXPECT_EQ(made.source, "chatgpt");
  EXPECT_EQ(made.source_id, "x-1");
}

TEST_P(Conversations, OfOneSourceAreStoredOnce) {
  (void)from("chatgpt", "x-1");
  EXPECT_EQ(
      refusal(conversations().create({.user_id = "bob", .source = "chatgpt", .source_id = "x-1"})),
      "23505");
  EXPECT_EQ(from("claude", "x-1").source, "claude");
}

TEST_P(Conversations, HaveASourceAndItsIdOrNeither) {
  EXPECT_EQ(refusal(conversations().create({.user_id = "ann", .source = "chatgpt"})),
            "invalid argument");
  EXPECT_EQ(refusal(conversations().create({.user_id = "ann", .source_id = "x"})),
            "invalid argument");
}

TEST_P(Conversations, NormaliseTheirMetadata) {
  const auto made = run(conversations().create(
      {.user_id = "ann", .metadata = {R"({"bb":1e2,"a":[1.50,{"x":"\u00e9"}],"a":[true,null]})"}}));
  EXPECT_EQ(made.metadata.text, R"({"a": [true, null], "bb": 100})");
}

TEST_P(Conversations, WriteTextInMetadataAsTheServerDoes) {
  const auto made = run(conversations().create(
      {.user_id = "ann", .metadata = {R"({"a":"\u00fc\/\"\n\u0001","n":1.50,"m":-0.0})"}}));
  EXPECT_EQ(made.metadata.text, "{\"a\": \"ü/\\\"\\n\\u0001\", \"m\": 0.0, \"n\": 1.50}");
}

TEST_P(Conversations, ChangeTheirTimeWhenTheyAreChanged) {
  const auto made = run(conversations().create({.user_id = "ann", .created_at = at("2020-01-01")}));
  const auto changed = run(conversations().update(made.id, {.title = "new"})).value();
  EXPECT_GT(changed.updated_at, made.updated_at);
  EXPECT_EQ(changed.created_at, made.created_at);
}

TEST_P(Conversations, TakeAStatusThatThereIs) {
  const auto made = conversation();
  EXPECT_EQ(run(conversations().update(made.id, {.status = "archived"})).value().status,
            "archived");
  EXPECT_EQ(refusal(conversations().update(made.id, {.status = "lost"})), "invalid argument");
}

TEST_P(Conversations, TakeOneOfTheirMessagesForTheirLeaf) {
  const auto made = conversation();
  const auto said = say(made.id, {"one", "two"});
  const auto led = run(conversations().update(made.id, {.current_leaf_id = said[0].id}));
  EXPECT_EQ(led.value().current_leaf_id, said[0].id);
}

TEST_P(Conversations, LoseTheirLeafByAnExplicitNull) {
  const auto made = talk({"one"});
  const ConversationPatch none{.current_leaf_id = std::optional<Uuid>()};
  EXPECT_EQ(run(conversations().update(made.id, none)).value().current_leaf_id, std::nullopt);
}

TEST_P(Conversations, DoNotTakeAnothersMessageForTheirLeaf) {
  const auto made = conversation();
  const auto elsewhere = say_one(conversation().id);
  EXPECT_EQ(refusal(conversations().update(made.id, {.current_leaf_id = elsewhere.id})),
            "invalid argument");
}

TEST_P(Conversations, DoNotTakeAMessageThatIsNotThereForTheirLeaf) {
  EXPECT_EQ(refusal(conversations().update(conversation().id, {.current_leaf_id = nobody()})),
            "invalid argument");
}

TEST_P(Conversations, AreListedLastChangedFirst) {
  const auto first = conversation("first");
  (void)conversation("second");
  (void)run(conversations().update(first.id, {.title = "first, changed"}));
  EXPECT_THAT(titles(run(conversations().list()).items), ElementsAre("first, changed", "second"));
}

TEST_P(Conversations, AreFoundByTheirUser) {
  (void)conversation("of ann", "ann");
  (void)conversation("of bob", "bob");
  const auto page = run(conversations().list(ConversationFields::user_id.eq("bob")));
  EXPECT_THAT(titles(page.items), ElementsAre("of bob"));
}

TEST_P(Conversations, ThatAreErasedAreListedWhenAskedFor) {
  const auto gone = conversation("gone");
  (void)conversation("kept");
  (void)run(conversations().erase(gone.id));
  const auto list = [&](Deleted deleted) {
    return titles(run(conversations().list({}, {.order_by = "title", .deleted = deleted})).items);
  };
  EXPECT_THAT(list(Deleted::exclude), ElementsAre("kept"));
  EXPECT_THAT(list(Deleted::include), ElementsAre("gone", "kept"));
  EXPECT_THAT(list(Deleted::only), ElementsAre("gone"));
}

TEST_P(Conversations, ThatAreErasedSaySo) {
  const auto gone = conversation();
  (void)run(conversations().erase(gone.id));
  const auto found = run(conversations().list({}, {.deleted = Deleted::only})).items.at(0);
  EXPECT_TRUE(found.deleted_at);
  EXPECT_GT(found.version, gone.version);
}

TEST_P(Conversations, ThatAreErasedHideTheirMessages) {
  const auto gone = conversation();
  const auto said = say(gone.id, {"one", "two"});
  (void)run(conversations().erase(gone.id));
  EXPECT_FALSE(run(messages().get(said[0].id)));
  EXPECT_FALSE(run(messages().exists(said[0].id)));
  EXPECT_THAT(run(messages().latest(gone.id, 9)), IsEmpty());
  EXPECT_THAT(run(messages().after(gone.id, 0, 9)), IsEmpty());
  EXPECT_THAT(run(messages().path(said[1].id)), IsEmpty());
  EXPECT_THAT(run(messages().replies(said[0].id)), IsEmpty());
  EXPECT_THAT(run(messages().context(gone.id, 9)), IsEmpty());
  EXPECT_EQ(run(messages().count()), 0);
}

TEST_P(Conversations, ThatAreErasedLetTheirMessagesBeListedWhenAskedFor) {
  const auto gone = talk({"one", "two"});
  (void)run(conversations().erase(gone.id));
  EXPECT_THAT(run(messages().list({}, {.deleted = Deleted::exclude})).items, IsEmpty());
  EXPECT_THAT(run(messages().list({}, {.deleted = Deleted::include})).items, SizeIs(2));
  EXPECT_THAT(run(messages().list({}, {.deleted = Deleted::only})).items, SizeIs(2));
}

TEST_P(Conversations, ThatAreErasedTakeNoMessages) {
  const auto gone = conversation();
  (void)run(conversations().erase(gone.id));
  EXPECT_EQ(refusal(messages().append(gone.id, {new_message("x")})), "invalid argument");
}

TEST_P(Conversations, ThatAreErasedHideTheirCalls) {
  const auto gone = conversation();
  const auto made = call(gone.id);
  (void)run(conversations().erase(gone.id));
  EXPECT_FALSE(run(executions().get(made.key())));
  EXPECT_EQ(run(executions().count()), 0);
  EXPECT_EQ(run(executions().close_pending(gone.id)), 0);
  EXPECT_THAT(run(executions().list({}, {.deleted = Deleted::only})).items, SizeIs(1));
}

TEST_P(Conversations, AreRestoredWithTheirMessages) {
  const auto gone = talk({"one", "two"});
  (void)run(conversations().erase(gone.id));
  const auto back = run(conversations().restore(gone.id));
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->deleted_at);
  EXPECT_EQ(back->title, gone.title);
  EXPECT_THAT(run(messages().latest(gone.id, 9)), SizeIs(2));
}

TEST_P(Conversations, ThatWereNotErasedAreNotRestored) {
  EXPECT_FALSE(run(conversations().restore(conversation().id)));
  EXPECT_FALSE(run(conversations().restore(nobody())));
}

TEST_P(Conversations, ArePurgedWithAllThatBelongsToThem) {
  const auto gone = conversation();
  const auto made = call(gone.id);
  NewMemory noted = new_memory("noted there");
  noted.scope.conversation_id = gone.id;
  const auto memory = run(memories().create(noted));
  (void)run(embeddings().create(
      {.model_id = model().id, .content_id = made.message_id, .embedding = {{1, 0, 0}}}));
  EXPECT_TRUE(run(conversations().purge(gone.id)));
  EXPECT_FALSE(run(messages().get(made.message_id)));
  EXPECT_FALSE(run(executions().get(made.key())));
  EXPECT_FALSE(run(memories().get(memory.id)));
  EXPECT_EQ(run(embeddings().count()), 0);
}

TEST_P(Conversations, ArePurgedWhetherErasedOrNot) {
  const auto kept = conversation();
  const auto gone = conversation();
  (void)run(conversations().erase(gone.id));
  EXPECT_TRUE(run(conversations().purge(gone.id)));
  EXPECT_TRUE(run(conversations().purge(kept.id)));
  EXPECT_FALSE(run(conversations().purge(kept.id)));
}

TEST_P(Conversations, ThatArePurgedGiveTheirIdAndSourceBack) {
  const auto first = from("chatgpt", "x-1");
  (void)run(conversations().purge(first.id));
  const auto again = run(conversations().create(
      {.id = first.id, .user_id = "ann", .source = "chatgpt", .source_id = "x-1"}));
  EXPECT_EQ(again.version, 1);
}

TEST_P(Conversations, ArePurgedWhenTheyWereErasedLongEnoughAgo) {
  const auto gone = conversation();
  (void)conversation();
  (void)run(conversations().erase(gone.id));
  EXPECT_EQ(run(conversations().purge_deleted(gone.created_at - std::chrono::hours(1))), 0);
  EXPECT_EQ(run(conversations().purge_deleted(gone.created_at + std::chrono::hours(1))), 1);
  EXPECT_EQ(run(conversations().count()), 1);
  EXPECT_THAT(run(conversations().list({}, {.deleted = Deleted::only})).items, IsEmpty());
}

TEST_P(Conversations, ArePurgedSoManyAtATimeTheOldestFirst) {
  for (const char* title : {"first", "second", "third"}) {
    (void)run(conversations().erase(conversation(title).id));
  }
  const Timestamp soon = now() + std::chrono::hours(1);
  EXPECT_EQ(run(conversations().purge_deleted(soon, 2)), 2);
  EXPECT_THAT(titles(run(conversations().list({}, {.deleted = Deleted::only})).items),
              ElementsAre("third"));
  EXPECT_EQ(run(conversations().purge_deleted(soon, 2)), 1);
  EXPECT_EQ(run(conversations().purge_deleted(soon, 2)), 0);
}

TEST_P(Conversations, AreFoundByTheWordsOfTheirTitles) {
  (void)conversation("Fixing the deadlock in the pool");
  (void)conversation("A pool of cars");
  EXPECT_THAT(search("pool deadlock"), ElementsAre("Fixing the deadlock in the pool"));
  EXPECT_THAT(search("pool"), SizeIs(2));
  EXPECT_THAT(search("deadlock cars"), IsEmpty());
}

TEST_P(Conversations, AreFoundByTheBeginningOfTheLastWordAlone) {
  (void)conversation("Fixing the deadlock");
  EXPECT_THAT(search("fixing dead"), SizeIs(1));
  EXPECT_THAT(search("fix deadlock"), IsEmpty());
  EXPECT_THAT(search("lock"), IsEmpty());
}

TEST_P(Conversations, AreFoundInAnyCase) {
  (void)conversation("Grüße aus ÖSTERREICH");
  EXPECT_THAT(search("GRÜSSE"), IsEmpty());
  EXPECT_THAT(search("GRÜ österreich"), IsEmpty());
  EXPECT_THAT(search("österreich GRÜ"), SizeIs(1));
}

TEST_P(Conversations, AreFoundByWordsBetweenOtherCharacters) {
  (void)conversation("pg_restore: C++20/23, 'quoted' & (more)");
  for (const char* words :
       {"restore", "C 20 23", "quoted, more!", "pg:restore", "'quoted'", "& | !"}) {
    EXPECT_THAT(search(words), SizeIs(std::string_view(words) == "& | !" ? 0U : 1U)) << words;
  }
}

TEST_P(Conversations, AreNotFoundByNoWords) {
  (void)conversation("Anything");
  EXPECT_THAT(search(""), IsEmpty());
  EXPECT_THAT(search(" \n "), IsEmpty());
}

TEST_P(Conversations, AreFoundLastChangedFirstSoMany) {
  const auto first = conversation("word one");
  (void)conversation("word two");
  (void)conversation("word three");
  (void)run(conversations().update(first.id, {.title = "word four"}));
  EXPECT_THAT(titles(run(conversations().search_titles("word", 2))),
              ElementsAre("word four", "word three"));
}

TEST_P(Conversations, ThatAreErasedAreNotFound) {
  const auto gone = conversation("word");
  (void)run(conversations().erase(gone.id));
  EXPECT_THAT(search("word"), IsEmpty());
}

}  // namespace
}  // namespace loci::storage::conformance
