// What is wrong with a settings file: where, why, and all of it at once.
#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/settings_fixture.hpp"

namespace loci::config {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(SettingsFile, AllFaultsAreToldAtOnceEachWithItsPlace) {
  EXPECT_THAT(faults(R"(storage:
  postgres:
    max_conections: 3
    lock_timeout: 5
    max_connections: 0
  cahce:
    l1: {type: memory}
  vector: {search_threshold: 1.5}
embedder:
  kind: magic
)",
                     {{"MAX_CONN_LIFETIME", "1 h"}}),
              ElementsAre(AllOf(StartsWith("3:5: there is no such setting"),
                                HasSubstr("storage.postgres.max_connections")),
                          AllOf(StartsWith("4:19: storage.postgres.lock_timeout takes a duration"),
                                HasSubstr("from 0 to 24d"), HasSubstr("30s")),
                          AllOf(StartsWith("5:22: "), HasSubstr("from 1 to 10000")),
                          AllOf(StartsWith("6:3: "), HasSubstr("storage.cache")),
                          AllOf(StartsWith("8:30: "), HasSubstr("a number from -1 to 1")),
                          AllOf(StartsWith("10:9: "), HasSubstr("hashing or openai")),
                          StartsWith("MAX_CONN_LIFETIME takes a duration")));
}

TEST_F(SettingsFile, AnUnknownKeyIsToldWithTheNearest) {
  EXPECT_THAT(refusal("storage: {postgres: {statment_timeout: 3s}}"),
              HasSubstr("storage.postgres.statement_timeout"));
  EXPECT_THAT(refusal("max_connections: 3"), HasSubstr("storage.postgres.max_connections"));
  EXPECT_THAT(refusal("pool: {max_waiters: 3}"), HasSubstr("storage.postgres.pool"));
  EXPECT_THAT(refusal("storage.postgres.max_connections: 3"), HasSubstr("no dot"));
  EXPECT_THAT(refusal("storage: {postgres: {<<: {max_connections: 3}}}"), HasSubstr("no such"));
}

TEST_F(SettingsFile, ABadValueIsToldWithWhatTheKeyTakes) {
  const auto bad = [&](const std::string& entry, const char* takes) {
    const std::string told = refusal("storage:\n  postgres:\n    " + entry);
    EXPECT_THAT(told, AllOf(StartsWith("3:"), HasSubstr(takes))) << entry;
  };
  for (const char* value : {"many", "0", "-3", "1.5", "10001", "99999999999999999999", "", "~",
                            "[3]", "{a: 3}", "''", "0x10", "1_000", "\"3 \""}) {
    bad("max_connections: " + std::string(value), "a whole number from 1 to 10000");
  }
  for (const char* value : {"5", "1 h", "-1s", "1y", "s", "1.5h", "1h30m", "25d", "1S"}) {
    bad("statement_timeout: " + std::string(value), "30s");
  }
  for (const char* value : {"maybe", "TRUE ", "2", "[true]"}) {
    bad("enable_query_stats: " + std::string(value), "true or false");
  }
  EXPECT_THAT(refusal("storage: {cache: {l1: {size: 10}}}"), HasSubstr("64MB"));
  EXPECT_THAT(refusal("storage: {cache: {l1: {size: 10mb}}}"), HasSubstr("64MB"));
  EXPECT_THAT(refusal("storage: {cache: {l1: {type: disk}}}"), HasSubstr("none or memory"));
  EXPECT_THAT(refusal("storage: {vector: {search_threshold: nan}}"), HasSubstr("a number from"));
  EXPECT_THAT(refusal("storage: {cache: {invalidation: {patterns: {a: b}}}}"), HasSubstr("a list"));
}

TEST_F(SettingsFile, ASectionIsNoValueAndAValueNoSection) {
  EXPECT_THAT(refusal("storage: {postgres: 3}"), HasSubstr("storage.postgres is a section"));
  EXPECT_THAT(refusal("storage: [1, 2]"), HasSubstr("storage is a section"));
  for (const char* yaml : {"- a\n- b", "3", "--- {}\n--- {}", "{", "storage: {", "a: b: c"}) {
    EXPECT_THAT(faults(yaml), Not(testing::IsEmpty())) << yaml;
  }
}

TEST_F(SettingsFile, AnEmptyOneSetsNothing) {
  for (const char* yaml : {"", "# nothing yet\n", "---\n", "~", "storage:\n", "storage: {}\n",
                           "storage:\n  postgres:\n"}) {
    EXPECT_EQ(load(yaml).postgres.pool.max_connections, pg::PoolOptions{}.max_connections) << yaml;
  }
}

TEST_F(SettingsFile, AKeyThatComesTwiceIsRefused) {
  EXPECT_THAT(refusal("embedder:\n  model: a\n  model: b\n"), StartsWith("3:3: "));
  EXPECT_THAT(refusal("embedder: {}\nembedder: {}\n"), HasSubstr("twice"));
}

TEST_F(SettingsFile, NoFaultRepeatsASecret) {
  for (const char* yaml :
       {"storage: {postgres: {database_url: [sesame]}}", "storage: {sesame: 1}", "sesame: 1",
        "storage:\n  sesame", "storage: sesame", "sesame", "embedder:\n  url: *sesame",
        "embedder:\n  url: 'sesame", "storage: {postgres: {max_connections: sesame}}",
        "? [sesame]\n: 1", "\"\\xZsesame\": 1", "%sesame\n--- a", "embedder: !<sesame> {a: b}",
        "embedder: {url: !sesame x}", "a: @sesame", "embedder: {url: '${sesame-x}'}",
        "embedder: {kind: sesame}", "storage: {migrations: {directory: /sesame}}",
        "storage: {postgres: {database_url: 'sesame://x'}}"}) {
    for (const std::string& told : faults(yaml))
      EXPECT_THAT(told, Not(HasSubstr("sesame"))) << yaml;
    EXPECT_FALSE(faults(yaml).empty()) << yaml;
  }
  EXPECT_THAT(refusal("", {{"MAX_CONNECTIONS", "sesame"}}), Not(HasSubstr("sesame")));
}

TEST_F(SettingsFile, AnErrorTellsTheFirstThreeInOneLine) {
  try {
    refuse_faults(read("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n"));
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr(path_ + ":1:1: "), HasSubstr(":3:1: "), Not(HasSubstr(":4:1: ")),
                      HasSubstr("and 2 more"), Not(HasSubstr("\n"))));
  }
}

TEST(Durations, AreAWholeNumberAndItsUnit) {
  EXPECT_EQ(parse_duration("100ms"), 100ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  for (const char* bad : {"", "5", "s", " 1s", "1s ", "1 s", "-1s", "+1s", "1.5s", "1sec", "1S",
                          "1h30m", "99999999999999999999s", "9223372036854775807h"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

TEST(Durations, AreShownInTheLargestUnitThatSaysThemExactly) {
  EXPECT_EQ(format_duration(0ms), "0");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(60s), "1m");
  EXPECT_EQ(format_duration(24h), "1d");
}

TEST(ByteSizes, AreAWholeNumberAndItsUnit) {
  EXPECT_EQ(parse_byte_size("100B"), 100U);
  EXPECT_EQ(parse_byte_size("2kB"), 2048U);
  EXPECT_EQ(parse_byte_size("64MB"), 64U << 20);
  EXPECT_EQ(parse_byte_size("3GB"), std::uint64_t{3} << 30);
  EXPECT_EQ(parse_byte_size("1024TB"), std::uint64_t{1} << 50);
  for (const char* bad : {"", "5", "MB", "1mb", "1 MB", "1.5GB", "1025TB", "-1B"}) {
    EXPECT_EQ(parse_byte_size(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(format_byte_size(64U << 20), "64MB");
  EXPECT_EQ(format_byte_size(1025), "1025B");
}

}  // namespace
}  // namespace loci::config
