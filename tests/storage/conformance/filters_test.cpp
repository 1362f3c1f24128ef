#include <loci/storage/limits.hpp>

#include "storage/conformance/filters.hpp"

#include <cmath>
#include <limits>

// Conditions on declared fields, and what joins them.
namespace loci::storage::conformance {
namespace {

INSTANTIATE_TEST_SUITE_P(Storages, Filters, every_storage(), storage_name);

TEST_P(Filters, ThatAreEmptyFindAll) {
  EXPECT_THAT(found({}), ElementsAre("Gamma", "alpha", "beta", "délta"));
}

// Text.
TEST_P(Filters, FindTextThatIsEqual) {
  EXPECT_THAT(found(F::content.eq("beta")), ElementsAre("beta"));
}
TEST_P(Filters, TellUpperCaseFromLower) {
  EXPECT_THAT(found(F::content.eq("gamma")), IsEmpty());
}
TEST_P(Filters, FindTextThatIsNotEqual) {
  EXPECT_THAT(found(F::content.ne("beta")), ElementsAre("Gamma", "alpha", "délta"));
}
TEST_P(Filters, CompareTextByItsBytes) {
  EXPECT_THAT(found(F::content.lt("a")), ElementsAre("Gamma"));
  EXPECT_THAT(found(F::content.gt("dz")), ElementsAre("délta"));
}
TEST_P(Filters, KnowTheEdgesOfTextsOrder) {
  EXPECT_THAT(found(F::content.le("beta")), ElementsAre("Gamma", "alpha", "beta"));
  EXPECT_THAT(found(F::content.ge("beta")), ElementsAre("beta", "délta"));
}
TEST_P(Filters, FindTextThatIsOneOfSeveral) {
  EXPECT_THAT(found(F::content.in({"beta", "Gamma", "omega"})), ElementsAre("Gamma", "beta"));
}
TEST_P(Filters, FindNothingThatIsOneOfNone) {
  EXPECT_THAT(found(F::content.in({})), IsEmpty());
}
TEST_P(Filters, FindTextThatContainsAPart) {
  EXPECT_THAT(found(F::content.contains("mm")), ElementsAre("Gamma"));
  EXPECT_THAT(found(F::content.contains("lt")), ElementsAre("délta"));
}
TEST_P(Filters, FindTextThatStartsWithAPart) {
  EXPECT_THAT(found(F::content.starts_with("dé")), ElementsAre("délta"));
  EXPECT_THAT(found(F::content.starts_with("eta")), IsEmpty());
}
TEST_P(Filters, TakePatternsForText) {
  for (const std::string pattern : {"%", "_", "a%", ".*", "\\", "al_ha", "'"}) {
    EXPECT_THAT(found(F::content.contains(pattern)), IsEmpty()) << pattern;
    EXPECT_THAT(found(F::content.starts_with(pattern)), IsEmpty()) << pattern;
  }
}
TEST_P(Filters, FindAllThatContainNothing) {
  EXPECT_THAT(found(F::content.contains("")), SizeIs(4));
  EXPECT_THAT(found(F::content.starts_with("")), SizeIs(4));
}

// Text that may be NULL.
TEST_P(Filters, FindWhatIsNull) {
  EXPECT_THAT(found(F::agent_id.is_null()), ElementsAre("beta", "délta"));
}
TEST_P(Filters, FindWhatIsNotNull) {
  EXPECT_THAT(found(!F::agent_id.is_null()), ElementsAre("Gamma", "alpha"));
}
TEST_P(Filters, TakeNullForNotEqual) {
  EXPECT_THAT(found(F::agent_id.ne("x")), ElementsAre("Gamma", "beta", "délta"));
}
TEST_P(Filters, HoldNothingOfNullForTrue) {
  EXPECT_THAT(found(F::agent_id.ge("")), ElementsAre("Gamma", "alpha"));
  EXPECT_THAT(found(F::agent_id.lt("zzz")), ElementsAre("Gamma", "alpha"));
}
TEST_P(Filters, HoldTheContraryForTrueOfNull) {
  EXPECT_THAT(found(!F::agent_id.eq("x")), ElementsAre("Gamma", "beta", "délta"));
  EXPECT_THAT(found(!F::agent_id.lt("zzz")), ElementsAre("beta", "délta"));
  EXPECT_THAT(found(!F::agent_id.in({"x", "X"})), ElementsAre("beta", "délta"));
  EXPECT_THAT(found(!F::agent_id.contains("x")), ElementsAre("Gamma", "beta", "délta"));
  EXPECT_THAT(found(!F::agent_id.starts_with("X")), ElementsAre("alpha", "beta", "délta"));
}

// Numbers.
TEST_P(Filters, CompareRealNumbers) {
  EXPECT_THAT(found(F::importance.eq(0.1)), ElementsAre("alpha"));
  EXPECT_THAT(found(F::importance.ne(0.1)), ElementsAre("Gamma", "beta", "délta"));
  EXPECT_THAT(found(F::importance.lt(0.5)), ElementsAre("alpha", "délta"));
  EXPECT_THAT(found(F::importance.le(0.5)), ElementsAre("alpha", "beta", "délta"));
  EXPECT_THAT(found(F::importance.gt(0.5)), ElementsAre("Gamma"));
  EXPECT_THAT(found(F::importance.ge(0.5)), ElementsAre("Gamma", "beta"));
  EXPECT_THAT(found(F::importance.in({0.9, 0})), ElementsAre("Gamma", "délta"));
}
TEST_P(Filters, TakeMinusZeroForZero) {
  EXPECT_THAT(found(F::importance.eq(-0.0)), ElementsAre("délta"));
}
TEST_P(Filters, RefuseInfinity) {
  EXPECT_THROW((void)found(F::importance.lt(std::numeric_limits<double>::infinity())), Error);
}
TEST_P(Filters, CompareWholeNumbers) {
  EXPECT_THAT(found(F::access_count.eq(1)), ElementsAre("beta"));
  EXPECT_THAT(found(F::access_count.ne(1)), SizeIs(3));
  EXPECT_THAT(found(F::access_count.lt(1)), SizeIs(3));
  EXPECT_THAT(found(F::access_count.le(1)), SizeIs(4));
  EXPECT_THAT(found(F::access_count.gt(0)), ElementsAre("beta"));
  EXPECT_THAT(found(F::access_count.ge(2)), IsEmpty());
  EXPECT_THAT(found(F::access_count.in({1, 2})), ElementsAre("beta"));
}

// Truth, times, ids.
TEST_P(Filters, CompareTruth) {
  EXPECT_THAT(found(F::pinned.eq(true)), ElementsAre("beta"));
  EXPECT_THAT(found(F::pinned.ne(true)), SizeIs(3));
  EXPECT_THAT(found(field("pinned").in({true, false})), SizeIs(4));
}
TEST_P(Filters, CompareTimes) {
  EXPECT_THAT(found(F::valid_from.eq(at("2021-01-01"))), ElementsAre("beta"));
  EXPECT_THAT(found(F::valid_from.ne(at("2021-01-01"))), SizeIs(3));
  EXPECT_THAT(found(F::valid_from.lt(at("2021-01-01"))), ElementsAre("alpha"));
  EXPECT_THAT(found(F::valid_from.le(at("2021-01-01"))), ElementsAre("alpha", "beta"));
  EXPECT_THAT(found(F::valid_from.gt(at("2022-01-01"))), ElementsAre("délta"));
  EXPECT_THAT(found(F::valid_from.ge(at("2022-01-01"))), ElementsAre("Gamma", "délta"));
  EXPECT_THAT(found(F::valid_from.in({at("2020-01-01"), at("2023-01-01")})),
              ElementsAre("alpha", "délta"));
}
TEST_P(Filters, CompareTimesToTheMicrosecond) {
  EXPECT_THAT(found(F::valid_from.gt(at("2022-12-31T23:59:59.999999Z"))), ElementsAre("délta"));
  EXPECT_THAT(found(F::valid_from.gt(at("2023-01-01"))), IsEmpty());
}
TEST_P(Filters, CompareTimesThatMayBeNull) {
  EXPECT_THAT(found(F::valid_to.lt(at("2030-06-01"))), ElementsAre("beta"));
  EXPECT_THAT(found(!F::valid_to.lt(at("2030-06-01"))), ElementsAre("Gamma", "alpha", "délta"));
  EXPECT_THAT(found(F::valid_to.is_null()), ElementsAre("Gamma", "alpha"));
}
TEST_P(Filters, CompareIds) {
  EXPECT_THAT(found(F::id.eq(beta_)), ElementsAre("beta"));
  EXPECT_THAT(found(F::id.ne(beta_)), SizeIs(3));
  EXPECT_THAT(found(F::id.in({beta_, alpha_, nobody()})), ElementsAre("alpha", "beta"));
}
TEST_P(Filters, CompareIdsByTheirOrder) {
  EXPECT_THAT(found(F::id.le(alpha_) && F::id.ge(alpha_)), ElementsAre("alpha"));
  EXPECT_THAT(found(F::id.lt(alpha_) || F::id.gt(alpha_)), SizeIs(3));
}
TEST_P(Filters, CompareIdsThatMayBeNull) {
  EXPECT_THAT(found(F::conversation_id.eq(home_)), ElementsAre("alpha"));
  EXPECT_THAT(found(F::conversation_id.ne(home_)), SizeIs(3));
  EXPECT_THAT(found(F::conversation_id.is_null()), SizeIs(3));
}

// What joins them.
TEST_P(Filters, HoldWhenBothConditionsDo) {
  EXPECT_THAT(found(F::importance.gt(0.05) && F::pinned.eq(false)), ElementsAre("Gamma", "alpha"));
}
TEST_P(Filters, HoldWhenEitherConditionDoes) {
  EXPECT_THAT(found(F::pinned.eq(true) || F::content.starts_with("G")),
              ElementsAre("Gamma", "beta"));
}
TEST_P(Filters, HoldWhenTheContraryDoesNot) {
  EXPECT_THAT(found(!(F::pinned.eq(true) || F::content.starts_with("G"))),
              ElementsAre("alpha", "délta"));
}
TEST_P(Filters, AreTheSameWhenTwiceDenied) {
  EXPECT_THAT(found(!!F::agent_id.eq("x")), ElementsAre("alpha"));
}
TEST_P(Filters, AreNestedAsTheyAreWritten) {
  EXPECT_THAT(found((F::content.eq("alpha") || F::content.eq("beta")) && F::pinned.eq(true)),
              ElementsAre("beta"));
  EXPECT_THAT(found(F::content.eq("alpha") || (F::content.eq("beta") && F::pinned.eq(false))),
              ElementsAre("alpha"));
}
TEST_P(Filters, ChangeNothingByAnEmptyOne) {
  EXPECT_THAT(found(Filter() && F::pinned.eq(true)), ElementsAre("beta"));
  EXPECT_THAT(found(!Filter()), IsEmpty());
}

// What is refused.
TEST_P(Filters, RefuseAFieldThatIsNone) {
  EXPECT_EQ(refusal_of(field("contents").eq(std::string("x"))), "invalid argument");
}
TEST_P(Filters, RefuseAFieldThatIsNoneAtAnyDepth) {
  EXPECT_EQ(refusal_of(F::pinned.eq(true) || !field("\"; drop table memories").is_null()),
            "invalid argument");
}
TEST_P(Filters, RefuseAValueOfAnotherType) {
  EXPECT_EQ(refusal_of(field("pinned").eq(std::int64_t{1})), "invalid argument");
  EXPECT_EQ(refusal_of(field("importance").eq(std::string("much"))), "invalid argument");
  EXPECT_EQ(refusal_of(field("valid_from").eq(std::string("yesterday"))), "invalid argument");
  EXPECT_EQ(refusal_of(field("id").eq(std::string("1"))), "invalid argument");
}
TEST_P(Filters, TakeTextForATimeAndAnId) {
  EXPECT_THAT(found(field("valid_from").ge(std::string("2023-01-01"))), ElementsAre("délta"));
  EXPECT_THAT(found(field("id").eq(beta_.str())), ElementsAre("beta"));
}
TEST_P(Filters, RefuseAPartOfWhatIsNoText) {
  EXPECT_EQ(refusal_of(field("importance").contains(0.5)), "invalid argument");
}
TEST_P(Filters, RefuseTextThatCannotBeStored) {
  EXPECT_EQ(refusal_of(F::content.eq(std::string("a\0b", 3))), "invalid argument");
  EXPECT_EQ(refusal_of(F::content.contains("\xFF")), "invalid argument");
}
TEST_P(Filters, RefuseAPathIntoAFieldThatIsNoMetadata) {
  EXPECT_EQ(refusal_of(UntypedField("content", {"a"}).is_null()), "invalid argument");
}
TEST_P(Filters, RefuseMoreConditionsThanTheLimit) {
  Filter many = F::importance.eq(2);
  for (std::size_t i = 0; i < limits::filter_conditions; ++i) many = many || F::importance.eq(3);
  EXPECT_EQ(refusal_of(many), "invalid argument");
}
TEST_P(Filters, RefuseADeeperNestingThanTheLimit) {
  Filter deep = F::importance.eq(0.5);
  for (int i = 0; i < limits::filter_depth; ++i) deep = !deep && F::pinned.eq(true);
  EXPECT_EQ(refusal_of(deep), "invalid argument");
}
TEST_P(Filters, AreRefusedAlikeByCountAndExists) {
  const Filter none = field("contents").is_null();
  EXPECT_EQ(refusal(memories().count(none)), "invalid argument");
  EXPECT_EQ(refusal(memories().exists(none)), "invalid argument");
  EXPECT_EQ(refusal(memories().most_important(none, 10)), "invalid argument");
}

}  // namespace
}  // namespace loci::storage::conformance
