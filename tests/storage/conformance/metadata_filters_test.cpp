#include "storage/conformance/filters.hpp"

// Conditions on what stands inside of metadata.
namespace loci::storage::conformance {
namespace {

struct MetadataFilters : Filters {};
INSTANTIATE_TEST_SUITE_P(Storages, MetadataFilters, every_storage(), storage_name);

FilterValue text(std::string value) {
  return value;
}
FilterValue number(std::int64_t value) {
  return value;
}

TEST_P(MetadataFilters, FindTextThatIsEqual) {
  EXPECT_THAT(found(metadata("lang").eq(text("de"))), ElementsAre("alpha"));
}
TEST_P(MetadataFilters, FindANumberHoweverItIsWritten) {
  EXPECT_THAT(found(metadata("n").eq(number(10))), ElementsAre("beta"));
  EXPECT_THAT(found(metadata("n").eq(10.0)), ElementsAre("beta"));
}
TEST_P(MetadataFilters, TellANumberFromItsText) {
  EXPECT_THAT(found(metadata("n").eq(text("10"))), ElementsAre("Gamma"));
}
TEST_P(MetadataFilters, FindTruth) {
  EXPECT_THAT(found(metadata("flag").eq(true)), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("flag").eq(false)), ElementsAre("beta"));
}
TEST_P(MetadataFilters, FindAWholeValue) {
  EXPECT_THAT(found(metadata("deep").eq(JsonText{R"({"m": [1.0], "k": "v"})"})),
              ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("tags").eq(JsonText{R"(["a","b"])"})), ElementsAre("alpha"));
}
TEST_P(MetadataFilters, FollowAPath) {
  EXPECT_THAT(found(metadata("deep", "k").eq(text("v"))), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("deep", "x").eq(text("v"))), IsEmpty());
}
TEST_P(MetadataFilters, TakeWhatIsNotThereForNotEqual) {
  EXPECT_THAT(found(metadata("lang").ne(text("de"))), ElementsAre("Gamma", "beta", "délta"));
}
TEST_P(MetadataFilters, CompareNumbersAsNumbers) {
  EXPECT_THAT(found(metadata("n").gt(number(9))), ElementsAre("beta"));
  EXPECT_THAT(found(metadata("n").lt(number(9))), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("n").ge(number(1))), ElementsAre("alpha", "beta"));
  EXPECT_THAT(found(metadata("n").le(1.5)), ElementsAre("alpha"));
}
TEST_P(MetadataFilters, CompareTextAsText) {
  EXPECT_THAT(found(metadata("lang").lt(text("e"))), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("n").gt(text("1"))), ElementsAre("Gamma"));
}
TEST_P(MetadataFilters, HoldNothingOfAnotherTypeForTrue) {
  EXPECT_THAT(found(metadata("lang").ge(number(0))), ElementsAre("Gamma"));
  EXPECT_THAT(found(!metadata("lang").ge(number(0))), ElementsAre("alpha", "beta", "délta"));
}
TEST_P(MetadataFilters, FindOneOfSeveral) {
  EXPECT_THAT(found(metadata("lang").in({text("de"), number(5)})), ElementsAre("Gamma", "alpha"));
  EXPECT_THAT(found(metadata("lang").in({})), IsEmpty());
}
TEST_P(MetadataFilters, FindAnElementOfAnArray) {
  EXPECT_THAT(found(metadata("tags").contains(text("b"))), ElementsAre("alpha", "beta"));
  EXPECT_THAT(found(metadata("tags").contains(text("a"))), ElementsAre("alpha"));
}
TEST_P(MetadataFilters, FindSeveralElementsOfAnArray) {
  EXPECT_THAT(found(metadata("tags").contains(JsonText{R"(["b", "a"])"})), ElementsAre("alpha"));
}
TEST_P(MetadataFilters, FindAPartOfAnObject) {
  EXPECT_THAT(found(metadata("deep").contains(JsonText{R"({"k": "v"})"})), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("deep").contains(JsonText{R"({"k": "w"})"})), IsEmpty());
}
TEST_P(MetadataFilters, FindAPartOfTheWhole) {
  EXPECT_THAT(found(field("metadata").contains(JsonText{R"({"lang": "en", "n": 10})"})),
              ElementsAre("beta"));
}
TEST_P(MetadataFilters, FindTextThatStartsWithAPart) {
  EXPECT_THAT(found(metadata("lang").starts_with("d")), ElementsAre("alpha"));
  EXPECT_THAT(found(metadata("n").starts_with("1")), ElementsAre("Gamma"));
}
TEST_P(MetadataFilters, FindWhatIsNotThereOrNull) {
  EXPECT_THAT(found(metadata("nothing").is_null()), SizeIs(4));
  EXPECT_THAT(found(metadata("flag").is_null()), ElementsAre("Gamma", "délta"));
  EXPECT_THAT(found(!metadata("flag").is_null()), ElementsAre("alpha", "beta"));
}
TEST_P(MetadataFilters, TakeNamesForNamesWhateverIsInThem) {
  NewMemory odd = new_memory("odd");
  odd.metadata = {R"({"a.b": {"'$x'": 1}, "": "empty"})"};
  (void)run(memories().create(odd));
  EXPECT_THAT(found(metadata("a.b", "'$x'").eq(number(1))), ElementsAre("odd"));
  EXPECT_THAT(found(metadata("").eq(text("empty"))), ElementsAre("odd"));
  EXPECT_THAT(found(metadata("a").is_null() && metadata("a.b").is_null()), SizeIs(4));
}
TEST_P(MetadataFilters, DoNotTakeTheElementsOfAnArrayForMembers) {
  EXPECT_THAT(found(metadata("tags", "0").eq(text("a"))), IsEmpty());
}
TEST_P(MetadataFilters, TellLargeNumbersApart) {
  NewMemory big = new_memory("big");
  big.metadata = {R"({"n": 9007199254740993})"};
  (void)run(memories().create(big));
  EXPECT_THAT(found(metadata("n").eq(number(9007199254740993))), ElementsAre("big"));
  EXPECT_THAT(found(metadata("n").eq(number(9007199254740992))), IsEmpty());
}
TEST_P(MetadataFilters, WorkForEveryKindThatHasMetadata) {
  const Uuid home = conversation().id;
  NewMessage message = new_message("x");
  message.conversation_id = home;
  message.metadata = {R"({"k": 1})"};
  const Message stored = run(messages().create(message));
  EXPECT_EQ(run(messages().count(metadata("k").eq(number(1)))), 1);
  EXPECT_EQ(run(conversations().count(metadata("k").is_null())), 2);
  (void)run(tools().create({.name = "t", .metadata = {R"({"k": "v"})"}}));
  EXPECT_EQ(run(tools().count(metadata("k").eq(text("v")))), 1);
  (void)run(embeddings().create({.model_id = model().id,
                                 .content_id = stored.id,
                                 .embedding = {{1, 2, 3}},
                                 .metadata = {R"({"k": true})"}}));
  EXPECT_EQ(run(embeddings().count(metadata("k").eq(true))), 1);
}
TEST_P(MetadataFilters, AreRefusedWhereThereIsNone) {
  EXPECT_EQ(refusal(executions().list(metadata("k").is_null())), "invalid argument");
}
TEST_P(MetadataFilters, RefuseValuesThatAreNoJson) {
  EXPECT_EQ(refusal_of(metadata("k").eq(JsonText{"{"})), "invalid argument");
  EXPECT_EQ(refusal_of(metadata("k").eq(JsonText{R"("\u0000")"})), "invalid argument");
}

}  // namespace
}  // namespace loci::storage::conformance
