// The settings file, friendly and hostile.
#include <loci/base/error.hpp>
#include <loci/config/settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "config/duration.hpp"
#include "config/setting_table.hpp"

namespace loci::config {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SettingsFile : public testing::Test {
protected:
  ~SettingsFile() override { std::filesystem::remove(path_); }

  Settings load(const std::string& yaml, std::map<std::string, std::string> variables = {}) {
    std::ofstream(path_, std::ios::binary) << yaml;
    variables["LOCI_CONFIG"] = path_;
    return load_settings([&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
  }
  std::string refusal(const std::string& yaml, std::map<std::string, std::string> variables = {}) {
    try {
      (void)load(yaml, std::move(variables));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      return error.what();
    }
    ADD_FAILURE() << "it was taken: " << yaml.substr(0, 200);
    return "";
  }

  const std::string path_ = testing::TempDir() + "loci_" + std::to_string(::getpid()) + ".yaml";
};

TEST_F(SettingsFile, EveryKeyReachesItsOption) {
  const Settings settings = load(R"(
database:
  url: postgresql://db/x
  data_dir: /data
pool:
  max_connections: 12
  min_connections: 0
  max_lifetime: 2h
  max_idle_time: 90s
  health_check_period: 0
  acquire_timeout: 100ms
  connect_timeout: 3s
  max_waiters: 7
  max_connecting: 2
  reconnect_pause_cap: 1m
  dead_peer_timeout: 9s
  statement_timeout: 1d
  lock_timeout: 5s
  idle_in_transaction_timeout: 6s
  start: eager
queries:
  stats: false
  slow_threshold: 250ms
embedder:
  kind: openai
  url: http://localhost:1/v1
  model: tiny
  dimensions: 64
  api_key_file: /keys/one
)");
  EXPECT_EQ(settings.database_url, "postgresql://db/x");
  EXPECT_EQ(settings.embedded.data_dir, "/data");
  EXPECT_EQ(settings.pool.max_connections, 12);
  EXPECT_EQ(settings.pool.min_connections, 0);
  EXPECT_EQ(settings.pool.max_lifetime, 2h);
  EXPECT_EQ(settings.pool.max_idle_time, 90s);
  EXPECT_EQ(settings.pool.health_check_period, 0s);
  EXPECT_EQ(settings.pool.acquire_timeout, 100ms);
  EXPECT_EQ(settings.pool.connect_timeout, 3s);
  EXPECT_EQ(settings.pool.max_waiters, 7U);
  EXPECT_EQ(settings.pool.max_connecting, 2);
  EXPECT_EQ(settings.pool.reconnect_pause_cap, 1min);
  EXPECT_EQ(settings.pool.dead_peer_timeout, 9s);
  EXPECT_EQ(settings.pool.statement_timeout, 24h);
  EXPECT_EQ(settings.pool.lock_timeout, 5s);
  EXPECT_EQ(settings.pool.idle_in_transaction_timeout, 6s);
  EXPECT_EQ(settings.pool.start, pg::PoolStart::eager);
  EXPECT_FALSE(settings.pool.observe.statistics);
  EXPECT_EQ(settings.pool.observe.slow_query_threshold, 250ms);
  EXPECT_EQ(settings.embedder.kind, "openai");
  EXPECT_EQ(settings.embedder.openai.base_url, "http://localhost:1/v1");
  EXPECT_EQ(settings.embedder.openai.model, "tiny");
  EXPECT_EQ(settings.embedder.hashing.dimensions, 64U);
  EXPECT_EQ(settings.embedder.openai.api_key_file, "/keys/one");
}

TEST_F(SettingsFile, TheOneInTheDocumentsIsReadAndHasEveryKey) {
  std::ifstream file(LOCI_SOURCE_DIR "/docs/operations.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence) + fence.size();
  const std::string yaml = page.substr(begin, page.find("```\n", begin) - begin);
  EXPECT_EQ(load(yaml).pool.max_waiters, pg::PoolOptions{}.max_waiters);
  for (const Setting& setting : setting_table()) {
    const std::string name(setting.key.substr(setting.key.find('.') + 1));
    EXPECT_THAT(yaml, HasSubstr(name)) << setting.key;
    const std::string variable = setting.variable == nullptr ? "" : setting.variable;
    EXPECT_THAT(page, HasSubstr(variable));
  }
}

TEST_F(SettingsFile, TheEnvironmentWins) {
  const std::string yaml = "pool: {max_connections: 12, lock_timeout: 1s}";
  const Settings settings = load(yaml, {{"MAX_CONNECTIONS", "20"}});
  EXPECT_EQ(settings.pool.max_connections, 20);
  EXPECT_EQ(settings.pool.lock_timeout, 1s);
}

TEST_F(SettingsFile, AnEmptyOneSetsNothing) {
  for (const char* yaml : {"", "# nothing yet\n", "---\n", "~", "pool:\n", "pool: {}\n"}) {
    EXPECT_EQ(load(yaml).pool.max_connections, 30) << yaml;
  }
}

TEST_F(SettingsFile, AnUnknownKeyIsRefusedWithItsLineAndTheNearestKey) {
  const std::string told = refusal("database:\n  url: x\npool:\n  max_conections: 3\n");
  EXPECT_THAT(told, AllOf(HasSubstr(path_ + ":4: "), HasSubstr("pool.max_connections")));
  EXPECT_THAT(refusal("pool:\n  statment_timeout: 3s"), HasSubstr("pool.statement_timeout"));
  EXPECT_THAT(refusal("\nquerys:\n  stats: true"),
              AllOf(HasSubstr(":2: "), HasSubstr("queries.stats")));
  EXPECT_THAT(refusal("pool.max_connections: 3"), HasSubstr("pool.max_connections"));
}

TEST_F(SettingsFile, ABadValueIsRefusedWithTheKeyAndWhatItTakes) {
  const auto bad = [&](const char* entry, const char* takes) {
    const std::string told = refusal(std::string("pool:\n  ") + entry);
    EXPECT_THAT(told, AllOf(HasSubstr(":2: pool."), HasSubstr(takes))) << entry;
  };
  for (const char* entry :
       {"max_connections: many", "max_connections: 0", "max_connections: -3",
        "max_connections: 1.5", "max_connections: 99999999999",
        "max_connections:", "max_connections: ~", "max_connections: [3]", "max_connections: {a: 3}",
        "max_connections: ''", "max_connections: 0x10"}) {
    bad(entry, "a whole number of 1 or more");
  }
  for (const char* entry : {"max_lifetime: 5", "max_lifetime: 1 h", "max_lifetime: -1s",
                            "max_lifetime: 1y", "max_lifetime: s", "max_lifetime: 1.5h"}) {
    bad(entry, "30s");
  }
  bad("start: later", "lazy or eager");
  EXPECT_THAT(refusal("queries: {stats: maybe}"), HasSubstr("true or false"));
}

TEST_F(SettingsFile, NoErrorRepeatsASecret) {
  for (const char* yaml :
       {"database:\n  url: [sesame]", "database:\n  sesame: 1", "sesame: 1", "pool:\n  sesame",
        "pool: sesame", "sesame", "database:\n  url: *sesame", "database:\n  url: 'sesame",
        "pool:\n  max_connections: sesame", "? [sesame]\n: 1", "\"\\xZsesame\": 1",
        "%sesame\n--- a", "database: !<sesame> {a: b}", "a: @sesame"}) {
    EXPECT_THAT(refusal(yaml), Not(HasSubstr("sesame"))) << yaml;
  }
  EXPECT_THAT(refusal("", {{"MAX_CONNECTIONS", "sesame"}}),
              AllOf(HasSubstr("MAX_CONNECTIONS takes"), Not(HasSubstr("sesame"))));
}

TEST_F(SettingsFile, WhatIsNoMapOfSectionsIsRefused) {
  for (const char* yaml : {"- a\n- b", "3", "pool: 3", "pool: [1, 2]", "? {a: b}\n: c",
                           "pool:\n  ? [max_connections]\n  : 3", "a: b: c", "{", "pool: {",
                           "--- {}\n--- {}", "\t- x", "pool: \"\x01\"", "\xff\xfe\xff\xff"}) {
    EXPECT_THAT(refusal(yaml), HasSubstr(path_)) << yaml;
  }
}

TEST_F(SettingsFile, AKeyThatComesTwiceIsRefused) {
  EXPECT_THAT(refusal("pool:\n  max_connections: 1\n  max_connections: 2\n"), HasSubstr(":3: "));
  EXPECT_THAT(refusal("pool: {}\npool: {}\n"), HasSubstr("twice"));
}

TEST_F(SettingsFile, DeepNestingIsRefused) {
  std::string block;
  for (int i = 0; i < 300; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  for (const std::string& yaml :
       {"pool: " + std::string(30'000, '['), "pool: " + std::string(30'000, '{'),
        std::string(20'000, '-') + " ", std::string(20'000, '?'), block}) {
    (void)refusal(yaml);
  }
  std::string dashes;
  for (int i = 0; i < 20'000; ++i) dashes += "- ";
  (void)refusal(dashes);
}

TEST_F(SettingsFile, AliasesCostNothing) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += (i == 0 ? "*" : ",*") + before;
    bomb += "]\n";
  }
  EXPECT_THAT(refusal(bomb), HasSubstr(":1: "));
  EXPECT_THAT(refusal("pool: &p\n  max_connections: *p\n"), HasSubstr("takes"));
  EXPECT_EQ(load("pool: {max_waiters: &n 9, max_connections: *n}").pool.max_connections, 9);
  EXPECT_THAT(refusal("pool:\n  <<: {max_connections: 3}\n"), HasSubstr(":2: "));
}

TEST_F(SettingsFile, AFileThatIsTooLargeOrNotThereIsRefused) {
  EXPECT_THAT(refusal(std::string(70'000, '#')), HasSubstr("64 kB"));
  try {
    (void)load_settings([](const char* name) {
      return std::string_view(name) == "LOCI_CONFIG" ? std::optional<std::string>("/not/there.yaml")
                                                     : std::nullopt;
    });
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/not/there.yaml"));
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

}  // namespace
}  // namespace loci::config
