// File, environment and flags: who wins, and where a value came from.
#include <unistd.h>

#include "config/setting_table.hpp"
#include "config/settings_fixture.hpp"
#include "support/scratch_folder.hpp"

namespace loci::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Settings, WithNothingSetTheDefaultsHold) {
  const Settings settings = from_variables({});
  EXPECT_EQ(settings.database_url, "");
  EXPECT_TRUE(settings.embedded.data_dir.empty());
  EXPECT_EQ(settings.embedder.kind, "hashing");
  EXPECT_EQ(settings.embedder.hashing.dimensions, embed::HashingOptions{}.dimensions);
  EXPECT_FALSE(settings.embedder.openai.send_dimensions);
  EXPECT_EQ(settings.postgres.pool.max_connections, pg::PoolOptions{}.max_connections);
  EXPECT_FALSE(settings.auto_migrate.has_value());
}

TEST(Settings, AProgramsOwnDefaultsHoldUntilSet) {
  Settings defaults;
  defaults.postgres.pool.statement_timeout = {};
  EXPECT_EQ(load_settings(environment_of({}), defaults).postgres.pool.statement_timeout, 0ms);
  const Environment said = environment_of({{"STATEMENT_TIMEOUT", "30s"}});
  EXPECT_EQ(load_settings(said, defaults).postgres.pool.statement_timeout, 30s);
}

TEST(Settings, EachVariableReachesItsOption) {
  const Settings settings = from_variables({{"DATABASE_URL", "postgresql://db/x"},
                                            {"LOCI_DATA_DIR", "/data/loci"},
                                            {"MAX_CONNECTIONS", "9"},
                                            {"MIN_CONNECTIONS", "2"},
                                            {"MAX_CONN_LIFETIME", "2h"},
                                            {"MAX_CONN_IDLE_TIME", "20m"},
                                            {"HEALTH_CHECK_PERIOD", "5s"},
                                            {"STATEMENT_TIMEOUT", "100ms"},
                                            {"LOCK_TIMEOUT", "0"},
                                            {"ENABLE_QUERY_STATS", "false"},
                                            {"SLOW_QUERY_THRESHOLD", "1500ms"},
                                            {"LOCI_EMBEDDER", "openai"},
                                            {"LOCI_EMBEDDING_URL", "http://localhost:1/v1"},
                                            {"LOCI_EMBEDDING_MODEL", "tiny"},
                                            {"LOCI_EMBEDDING_DIMENSIONS", "64"},
                                            {"LOCI_EMBEDDING_API_KEY_FILE", "/keys/one"}});
  const pg::PoolOptions& pool = settings.postgres.pool;
  EXPECT_EQ(settings.database_url, "postgresql://db/x");
  EXPECT_EQ(settings.embedded.data_dir, "/data/loci");
  EXPECT_EQ(pool.max_connections, 9);
  EXPECT_EQ(pool.min_connections, 2);
  EXPECT_EQ(pool.max_lifetime, 2h);
  EXPECT_EQ(pool.max_idle_time, 20min);
  EXPECT_EQ(pool.health_check_period, 5s);
  EXPECT_EQ(pool.statement_timeout, 100ms);
  EXPECT_EQ(pool.lock_timeout, 0ms);
  EXPECT_FALSE(pool.observe.statistics);
  EXPECT_EQ(pool.observe.slow_query_threshold, 1500ms);
  EXPECT_EQ(settings.embedder.kind, "openai");
  EXPECT_EQ(settings.embedder.openai.base_url, "http://localhost:1/v1");
  EXPECT_EQ(settings.embedder.openai.model, "tiny");
  EXPECT_EQ(settings.embedder.openai.dimensions, 64U);
  EXPECT_EQ(settings.embedder.hashing.dimensions, 64U);
  EXPECT_EQ(settings.embedder.openai.api_key_file, "/keys/one");
}

// A value of it that differs from the default, as a variable would say it.
std::string another_value(const Setting& setting) {
  const std::string now = setting.get(Settings{}).value_or("");
  for (const char* value : {"true", "false", "7", "64", "0.5", "7s", "7MB", "memory", "redis",
                            "ttl", "l2", "openai", "a,b"}) {
    Settings other;
    const std::vector<std::string> values{value};
    if (value != now && setting.set(setting, other, values)) return value;
  }
  return "";
}

TEST(Settings, EveryKeyHasAVariable) {
  for (const Setting& setting : setting_table()) {
    const std::string name = derived_variable(setting.key);
    const std::string value = another_value(setting);
    const ReadSettings read = read_settings({.environment = environment_of({{name, value}})});
    const SettingValue& now = value_of(read, setting.key);
    EXPECT_EQ(now.origin.name, name);
    EXPECT_EQ(now.origin.kind, Origin::Kind::variable) << name;
    if (!now.hidden) {
      EXPECT_EQ(now.value, value) << name;
    }
  }
  EXPECT_EQ(derived_variable("storage.postgres.auto_explain.enabled"),
            "LOCI_STORAGE_POSTGRES_AUTO_EXPLAIN_ENABLED");
}

TEST(Settings, TheShortNameOfAVariableWins) {
  const Settings both =
      from_variables({{"MAX_CONNECTIONS", "9"}, {"LOCI_STORAGE_POSTGRES_MAX_CONNECTIONS", "8"}});
  EXPECT_EQ(both.postgres.pool.max_connections, 9);
}

TEST_F(SettingsFile, CredentialsInTheEmbeddersUrlAreToldAndNotShown) {
  const ReadSettings made = read("embedder: {url: 'https://me:sesame@host/v1'}");
  ASSERT_EQ(made.faults.size(), 1U);
  EXPECT_THAT(to_string(made.faults[0]), HasSubstr("embedder.url is a URL without a user"));
  EXPECT_THAT(to_string(made.faults[0]), Not(HasSubstr("sesame")));
  EXPECT_EQ(value_of(made, "embedder.url").value, "https://(hidden)@host/v1");
  EXPECT_THAT(faults("embedder: {url: 'https://host/v1@2'}"), testing::IsEmpty());
}

TEST(Settings, AnEmptyVariableCountsAsNotSet) {
  const Settings settings = from_variables({{"DATABASE_URL", ""},
                                            {"LOCI_EMBEDDER", ""},
                                            {"LOCI_EMBEDDING_DIMENSIONS", ""},
                                            {"LOCI_EMBEDDING_API_KEY", ""}});
  EXPECT_EQ(settings.embedder.kind, "hashing");
  EXPECT_TRUE(settings.embedder.openai.api_key.empty());
}

TEST(Settings, ANumberThatIsNoneIsRefusedByTheVariablesName) {
  for (const char* bad : {"0", "-1", "x", "12x", " 12", "1.5", "0x10", "99999999999999999999999"}) {
    try {
      (void)from_variables({{"LOCI_EMBEDDING_DIMENSIONS", bad}});
      ADD_FAILURE() << bad << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      EXPECT_THAT(error.what(), testing::StartsWith("LOCI_EMBEDDING_DIMENSIONS takes a whole"));
    }
  }
}

TEST_F(SettingsFile, TheEnvironmentOverridesTheFileAndFlagsOverrideBoth) {
  const std::string yaml =
      "storage: {postgres: {max_connections: 12, min_connections: 3, lock_timeout: 1s}}";
  const Settings settings = load(yaml, {{"MAX_CONNECTIONS", "20"}, {"MIN_CONNECTIONS", "4"}},
                                 {{.key = "storage.postgres.max_connections", .value = "25"}});
  EXPECT_EQ(settings.postgres.pool.max_connections, 25);
  EXPECT_EQ(settings.postgres.pool.min_connections, 4);
  EXPECT_EQ(settings.postgres.pool.lock_timeout, 1s);
}

TEST_F(SettingsFile, EachValueTellsWhereItCameFrom) {
  const ReadSettings made =
      read("storage:\n  postgres:\n    max_connections: 12\n    lock_timeout: 1s\n",
           {{"LOCK_TIMEOUT", "2s"}},
           {{.key = "storage.postgres.data_dir", .value = "/d", .name = "--data-dir"}});
  const auto origin = [&](const char* key) { return to_string(value_of(made, key).origin); };
  EXPECT_EQ(origin("storage.postgres.max_connections"), path_ + ":3:22");
  EXPECT_EQ(origin("storage.postgres.lock_timeout"), "LOCK_TIMEOUT");
  EXPECT_EQ(origin("storage.postgres.data_dir"), "--data-dir");
  EXPECT_EQ(origin("storage.postgres.min_connections"), "default");
  EXPECT_EQ(value_of(made, "storage.postgres.max_connections").value, "12");
  EXPECT_EQ(value_of(made, "storage.postgres.min_connections").value, std::nullopt);
  EXPECT_EQ(made.file, path_);
}

TEST_F(SettingsFile, AListMayBeGivenByAFlag) {
  const Settings settings =
      load("", {}, {{.key = "storage.cache.invalidation.patterns", .value = "a:*,b:*"}});
  EXPECT_THAT(settings.cache.invalidation.patterns, ElementsAre("a:*", "b:*"));
}

TEST_F(SettingsFile, AFlagThatNamesNothingIsRefusedWithTheNearestKey) {
  const ReadSettings made = read("", {}, {{.key = "storage.postgres.max_conns", .value = "1"}});
  ASSERT_EQ(made.faults.size(), 1U);
  EXPECT_THAT(to_string(made.faults[0]),
              testing::AllOf(HasSubstr("--set"), HasSubstr("storage.postgres.max_connections")));
}

TEST_F(SettingsFile, TheTwoNamesOfOneOptionAreOneSetting) {
  const ReadSettings made = read("storage: {postgres: {pool: {health_check_period: 9s}}}");
  for (const char* key :
       {"storage.postgres.health_check_period", "storage.postgres.pool.health_check_period"}) {
    EXPECT_EQ(value_of(made, key).value, "9s");
    EXPECT_EQ(value_of(made, key).origin.line, 1);
  }
  EXPECT_THAT(refusal("storage:\n  postgres:\n    health_check_period: 8s\n"
                      "    pool:\n      health_check_period: 9s\n"),
              testing::AllOf(HasSubstr("5:28: "), HasSubstr("line 3")));
  EXPECT_EQ(load("storage: {postgres: {pool: {health_check_period: 9s}}}",
                 {{"HEALTH_CHECK_PERIOD", "7s"}})
                .postgres.pool.health_check_period,
            7s);
}

TEST_F(SettingsFile, TheKeyOrItsFileCountsWhicheverWasGivenLast) {
  const std::string yaml = "embedder: {api_key_file: /keys/one}";
  EXPECT_EQ(load(yaml, {{"LOCI_EMBEDDING_API_KEY", "k"}}).embedder.openai.api_key_file, "");
  EXPECT_EQ(load(yaml, {{"LOCI_EMBEDDING_API_KEY", "k"}}).embedder.openai.api_key.reveal(), "k");
  const Settings other =
      load("embedder: {api_key: k}", {{"LOCI_EMBEDDING_API_KEY_FILE", "/keys/two"}});
  EXPECT_TRUE(other.embedder.openai.api_key.empty());
  EXPECT_EQ(other.embedder.openai.api_key_file, "/keys/two");
}

TEST_F(SettingsFile, NoSecretIsShown) {
  const std::string secret = "hush-4711";
  for (const std::string& url :
       {"postgresql://ann:" + secret + "@db/x", "host=db user=ann password=" + secret,
        "postgresql://db/x?sslpassword=" + secret, "no url with " + secret}) {
    const ReadSettings made =
        read("embedder: {api_key: '" + secret +
                 "'}\nstorage:\n  cache: {l2: {endpoint: 'redis://u:" + secret + "@cache:6379'}}",
             {{"DATABASE_URL", url}});
    for (const SettingValue& value : made.values) {
      EXPECT_THAT(value.value.value_or(""), Not(HasSubstr(secret))) << value.key;
    }
    for (const Fault& fault : made.faults) EXPECT_THAT(to_string(fault), Not(HasSubstr(secret)));
    EXPECT_TRUE(value_of(made, "embedder.api_key").hidden);
    EXPECT_TRUE(value_of(made, "storage.postgres.database_url").hidden);
    EXPECT_THAT(value_of(made, "storage.cache.l2.endpoint").value, "redis://(hidden)@cache:6379");
  }
  const ReadSettings open = read("", {{"DATABASE_URL", "postgresql://ann@db/x"}});
  EXPECT_EQ(value_of(open, "storage.postgres.database_url").value, "postgresql://ann@db/x");
  EXPECT_FALSE(value_of(open, "storage.postgres.database_url").hidden);
}

TEST_F(SettingsFile, SettingsThatContradictEachOtherAreRefused) {
  EXPECT_THAT(refusal("storage:\n  postgres:\n    max_connections: 3\n    min_connections: 4\n"),
              testing::AllOf(HasSubstr("4:22: "), HasSubstr("max_connections, which is 3")));
  EXPECT_THAT(
      refusal("storage: {postgres: {max_conn_lifetime: 1m, pool: {max_lifetime_jitter: 2m}}}"),
      HasSubstr("jitter is more than max_conn_lifetime"));
  EXPECT_THAT(refusal("storage: {migrations: {directory: /not/there}}"), HasSubstr("directory"));
  EXPECT_THAT(refusal("storage: {migrations: {table: ''}}"), HasSubstr("table"));
  EXPECT_THAT(refusal("storage: {postgres: {database_url: 'mysql://db'}}"), HasSubstr("URL"));
  EXPECT_THAT(
      refusal("storage: {postgres: {auto_explain: {enabled: true}, pool: {pgbouncer: true}}}"),
      HasSubstr("pgbouncer"));
  EXPECT_THAT(refusal("storage: {postgres: {max_connections: x, min_connections: 40}}"),
              HasSubstr("max_connections takes"))
      << "no second fault for what follows from the first";
}

// Where the file is looked for. The current folder is the test's for as long as it runs.
class FindingTheFile : public testing::Test {
protected:
  FindingTheFile() { std::filesystem::current_path(scratch_ / ""); }
  ~FindingTheFile() override { std::filesystem::current_path(before_); }

  void write(const std::string& path, int max_connections) const {
    scratch_.write(
        path, "storage: {postgres: {max_connections: " + std::to_string(max_connections) + "}}");
  }
  [[nodiscard]] int found(Variables variables = {}, std::string file = {}) const {
    return read_settings({.file = std::move(file), .environment = environment_of(variables)})
        .settings.postgres.pool.max_connections;
  }
  [[nodiscard]] std::string place(const char* name) const { return scratch_ / name; }

  const std::filesystem::path before_ = std::filesystem::current_path();
  const test::ScratchFolder scratch_;
};

TEST_F(FindingTheFile, TheFlagComesFirstThenTheVariableThenHereThenTheUsersOwn) {
  const Variables variables{{"LOCI_CONFIG", place("named.yaml")},
                            {"XDG_CONFIG_HOME", place("xdg")},
                            {"HOME", place("home")}};
  const Variables no_name{{"XDG_CONFIG_HOME", place("xdg")}, {"HOME", place("home")}};
  const int none = pg::PoolOptions{}.max_connections;
  EXPECT_EQ(found(no_name), none);
  write("home/.config/loci/loci.yaml", 11);
  EXPECT_EQ(found(no_name), none) << "XDG_CONFIG_HOME takes its place";
  EXPECT_EQ(found({{"HOME", place("home")}}), 11);
  write("xdg/loci/loci.yaml", 12);
  EXPECT_EQ(found(no_name), 12);
  write("loci.yaml", 13);
  EXPECT_EQ(found(no_name), 13);
  write("named.yaml", 14);
  EXPECT_EQ(found(variables), 14);
  write("flag.yaml", 15);
  EXPECT_EQ(found(variables, place("flag.yaml")), 15);
}

TEST_F(FindingTheFile, ANamedFileThatIsNotThereIsRefused) {
  for (const Sources& sources :
       {Sources{.file = "/not/there.yaml", .environment = environment_of({})},
        Sources{.environment = environment_of({{"LOCI_CONFIG", "/not/there.yaml"}})},
        Sources{.file = place("."), .environment = environment_of({})}}) {
    const ReadSettings made = read_settings(sources);
    ASSERT_EQ(made.faults.size(), 1U);
    EXPECT_THAT(to_string(made.faults[0]), HasSubstr("cannot be read"));
  }
}

TEST_F(FindingTheFile, AnotherUsersFileIsOnlyTakenByItsName) {
  write("loci.yaml", 13);
  if (::chown(place("loci.yaml").c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root may";
  const ReadSettings made = read_settings({.environment = environment_of({})});
  ASSERT_EQ(made.faults.size(), 1U);
  EXPECT_THAT(to_string(made.faults[0]), HasSubstr("another user's"));
  EXPECT_EQ(made.settings.postgres.pool.max_connections, pg::PoolOptions{}.max_connections);
  EXPECT_EQ(found({}, place("loci.yaml")), 13);
}

}  // namespace
}  // namespace loci::config
