#include "config/expand.hpp"

#include "config/settings_fixture.hpp"

namespace loci::config {
namespace {

using testing::HasSubstr;

std::string expanded(const std::string& text, Variables variables = {}) {
  const auto result = expand(text, environment_of(std::move(variables)));
  if (!result) return "fault: " + result.error();
  return *result;
}

TEST(Expand, AVariableTakesItsPlace) {
  EXPECT_EQ(expanded("a ${X} b${Y_2}", {{"X", "1"}, {"Y_2", "2"}}), "a 1 b2");
  EXPECT_EQ(expanded("plain $ text } {", {}), "plain $ text } {");
  EXPECT_EQ(expanded("$X $", {{"X", "1"}}), "$X $") << "only ${X} is one";
}

TEST(Expand, AnUnsetOrEmptyOneTakesItsDefault) {
  EXPECT_EQ(expanded("${X:-five}"), "five");
  EXPECT_EQ(expanded("${X:-five}", {{"X", ""}}), "five");
  EXPECT_EQ(expanded("${X:-five}", {{"X", "6"}}), "6");
  EXPECT_EQ(expanded("${X:-}"), "");
  EXPECT_EQ(expanded("${X:-a:-b}"), "a:-b");
}

TEST(Expand, WhatAVariableHoldsIsNotLookedAtAgain) {
  EXPECT_EQ(expanded("${X}", {{"X", "${Y}"}, {"Y", "no"}}), "${Y}");
}

TEST(Expand, ADoubledDollarStandsForItself) {
  EXPECT_EQ(expanded("pa$${X}", {{"X", "1"}}), "pa${X}");
}

TEST(Expand, WhatCannotBeReadIsTold) {
  EXPECT_THAT(expanded("${X}"), HasSubstr("the variable X is not set"));
  EXPECT_THAT(expanded("${X", {{"X", "1"}}), HasSubstr("no }"));
  for (const char* bad : {"${}", "${1X}", "${X-y}", "${ X}", "${X:=1}", "${X Y}"}) {
    EXPECT_THAT(expanded(bad, {{"X", "1"}}), HasSubstr("the name of a variable")) << bad;
  }
  EXPECT_THAT(expanded("${X:-${Y}}"), HasSubstr("no other ${"));
}

TEST(Expand, TheWholeHasABound) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "${X}";
  EXPECT_THAT(expanded(text, {{"X", std::string(10'000, 'x')}}), HasSubstr("64 kB"));
}

TEST_F(SettingsFile, VariablesExpandInValuesOfEveryKind) {
  const Settings settings = load(R"(
storage:
  postgres:
    database_url: "postgresql://app:${PGPASSWORD}@db/x"
    max_connections: ${POOL:-7}
    lock_timeout: ${LOCK}s
  cache: {invalidation: {patterns: ["${A}:*"]}}
)",
                                 {{"PGPASSWORD", "p: '\"#w"}, {"LOCK", "4"}, {"A", "x"}});
  EXPECT_EQ(settings.database_url, "postgresql://app:p: '\"#w@db/x") << "it is no YAML any more";
  EXPECT_EQ(settings.postgres.pool.max_connections, 7);
  EXPECT_EQ(settings.postgres.pool.lock_timeout, std::chrono::seconds(4));
  EXPECT_THAT(settings.cache.invalidation.patterns, testing::ElementsAre("x:*"));
}

TEST_F(SettingsFile, AMissingVariableIsAFaultOfItsPlace) {
  EXPECT_THAT(refusal("embedder:\n  url: ${NOWHERE}\n"),
              testing::AllOf(testing::StartsWith("2:8: embedder.url: "), HasSubstr("NOWHERE")));
}

}  // namespace
}  // namespace loci::config
