#include <loci/base/error.hpp>
#include <loci/config/settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>

namespace loci::config {
namespace {

Settings load(std::map<std::string, std::string> variables) {
  return load_settings([variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(Settings, WithNothingSetTheDefaultsHold) {
  const Settings settings = load({});
  EXPECT_EQ(settings.database_url, "");
  EXPECT_TRUE(settings.embedded.data_dir.empty());
  EXPECT_EQ(settings.embedder.kind, "hashing");
  EXPECT_EQ(settings.embedder.hashing.dimensions, embed::HashingOptions{}.dimensions);
  EXPECT_FALSE(settings.embedder.openai.send_dimensions);
}

TEST(Settings, AProgramsOwnDefaultsHoldUntilSet) {
  using namespace std::chrono_literals;
  Settings defaults;
  defaults.pool.statement_timeout = {};
  const auto nothing = [](const char*) { return std::optional<std::string>(); };
  EXPECT_EQ(load_settings(nothing, defaults).pool.statement_timeout, 0ms);
  const auto as_the_library = [](const char* name) {
    return std::string_view(name) == "STATEMENT_TIMEOUT" ? std::optional<std::string>("30s")
                                                         : std::nullopt;
  };
  EXPECT_EQ(load_settings(as_the_library, defaults).pool.statement_timeout, 30s);
}

TEST(Settings, EachVariableReachesItsOption) {
  const Settings settings = load({{"DATABASE_URL", "postgresql://db/x"},
                                  {"LOCI_DATA_DIR", "/data/loci"},
                                  {"LOCI_EMBEDDER", "openai"},
                                  {"LOCI_EMBEDDING_URL", "http://localhost:1/v1"},
                                  {"LOCI_EMBEDDING_MODEL", "tiny"},
                                  {"LOCI_EMBEDDING_DIMENSIONS", "64"},
                                  {"LOCI_EMBEDDING_API_KEY_FILE", "/keys/one"},
                                  {"LOCI_EMBEDDING_API_KEY", "never copied"}});
  EXPECT_EQ(settings.database_url, "postgresql://db/x");
  EXPECT_EQ(settings.embedded.data_dir, "/data/loci");
  EXPECT_EQ(settings.embedder.kind, "openai");
  const embed::OpenAiOptions& openai = settings.embedder.openai;
  EXPECT_EQ(openai.base_url, "http://localhost:1/v1");
  EXPECT_EQ(openai.model, "tiny");
  EXPECT_EQ(openai.dimensions, 64U);
  EXPECT_TRUE(openai.send_dimensions);
  EXPECT_EQ(openai.api_key_file, "/keys/one");
  EXPECT_EQ(openai.api_key_variable, "LOCI_EMBEDDING_API_KEY");
  EXPECT_EQ(settings.embedder.hashing.dimensions, 64U);
}

TEST(Settings, ThePoolsDefaultsAreTheSpecifications) {
  using namespace std::chrono_literals;
  const Settings settings = load({});
  EXPECT_EQ(settings.pool.max_connections, 30);
  EXPECT_EQ(settings.pool.max_lifetime, 1h);
  EXPECT_EQ(settings.pool.max_idle_time, 15min);
  EXPECT_EQ(settings.pool.health_check_period, 1min);
  EXPECT_EQ(settings.pool.statement_timeout, 30s);
  EXPECT_EQ(settings.pool.lock_timeout, 10s);
  EXPECT_TRUE(settings.pool.observe.statistics);
  EXPECT_EQ(settings.pool.observe.slow_query_threshold, 1s);
}

TEST(Settings, ThePoolsVariablesReachTheirOptions) {
  using namespace std::chrono_literals;
  const Settings settings = load({{"MAX_CONNECTIONS", "9"},
                                  {"MIN_CONNECTIONS", "2"},
                                  {"MAX_CONN_LIFETIME", "2h"},
                                  {"MAX_CONN_IDLE_TIME", "20m"},
                                  {"HEALTH_CHECK_PERIOD", "5s"},
                                  {"STATEMENT_TIMEOUT", "100ms"},
                                  {"LOCK_TIMEOUT", "0"},
                                  {"ENABLE_QUERY_STATS", "false"},
                                  {"SLOW_QUERY_THRESHOLD", "1500ms"}});
  EXPECT_EQ(settings.pool.max_connections, 9);
  EXPECT_EQ(settings.pool.min_connections, 2);
  EXPECT_EQ(settings.pool.max_lifetime, 2h);
  EXPECT_EQ(settings.pool.max_idle_time, 20min);
  EXPECT_EQ(settings.pool.health_check_period, 5s);
  EXPECT_EQ(settings.pool.statement_timeout, 100ms);
  EXPECT_EQ(settings.pool.lock_timeout, 0ms);
  EXPECT_FALSE(settings.pool.observe.statistics);
  EXPECT_EQ(settings.pool.observe.slow_query_threshold, 1500ms);
}

TEST(Settings, AnEmptyVariableCountsAsNotSet) {
  const Settings settings = load({{"DATABASE_URL", ""},
                                  {"LOCI_EMBEDDER", ""},
                                  {"LOCI_EMBEDDING_DIMENSIONS", ""},
                                  {"LOCI_EMBEDDING_API_KEY", ""}});
  EXPECT_EQ(settings.embedder.kind, "hashing");
  EXPECT_EQ(settings.embedder.openai.api_key_variable, "");
}

TEST(Settings, ANumberThatIsNoneIsRefusedByTheVariablesName) {
  for (const char* bad : {"0", "-1", "x", "12x", " 12", "1.5", "0x10", "99999999999999999999999"}) {
    try {
      (void)load({{"LOCI_EMBEDDING_DIMENSIONS", bad}});
      ADD_FAILURE() << bad << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      EXPECT_THAT(error.what(), testing::HasSubstr("LOCI_EMBEDDING_DIMENSIONS"));
    }
  }
}

}  // namespace
}  // namespace loci::config
