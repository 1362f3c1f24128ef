// Every key, in a file, and the option it reaches.
#include <iterator>

#include "config/setting_table.hpp"
#include "config/settings_fixture.hpp"

namespace loci::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SettingsFile, EveryKeyOfThePostgresSectionReachesItsOption) {
  const Settings settings = load(R"(
storage:
  postgres:
    database_url: postgresql://db/x
    data_dir: /data
    max_connections: 12
    min_connections: 0
    max_conn_lifetime: 2h
    max_conn_idle_time: 90s
    health_check_period: 0
    statement_timeout: 1d
    lock_timeout: 5s
    idle_in_transaction_timeout: 6s
    enable_query_stats: false
    slow_query_threshold: 250ms
    explain_slow_queries: true
    auto_explain:
      enabled: true
      log_analyze: true
      log_buffers: true
      log_timing: false
      min_duration: 20ms
)");
  const pg::PoolOptions& pool = settings.postgres.pool;
  EXPECT_EQ(settings.database_url, "postgresql://db/x");
  EXPECT_EQ(settings.embedded.data_dir, "/data");
  EXPECT_EQ(pool.max_connections, 12);
  EXPECT_EQ(pool.min_connections, 0);
  EXPECT_EQ(pool.max_lifetime, 2h);
  EXPECT_EQ(pool.max_idle_time, 90s);
  EXPECT_EQ(pool.health_check_period, 0s);
  EXPECT_EQ(pool.statement_timeout, 24h);
  EXPECT_EQ(pool.lock_timeout, 5s);
  EXPECT_EQ(pool.idle_in_transaction_timeout, 6s);
  EXPECT_FALSE(pool.observe.statistics);
  EXPECT_EQ(pool.observe.slow_query_threshold, 250ms);
  EXPECT_TRUE(pool.observe.explain_slow_queries);
  EXPECT_TRUE(pool.auto_explain.enabled);
  EXPECT_TRUE(pool.auto_explain.log_analyze);
  EXPECT_TRUE(pool.auto_explain.log_buffers);
  EXPECT_FALSE(pool.auto_explain.log_timing);
  EXPECT_EQ(pool.auto_explain.min_duration, 20ms);
}

TEST_F(SettingsFile, EveryKeyOfThePoolReachesItsOption) {
  const Settings settings = load(R"(
storage:
  postgres:
    pool:
      max_lifetime_jitter: 3m
      health_check_period: 7s
      lazy_connect: false
      acquire_timeout: 100ms
      connect_timeout: 3s
      cancel_patience: 70ms
      reconnect_pause_cap: 1m
      dead_peer_timeout: 8500ms
      shared_connections: 2
      statement_cache: 0
      max_waiters: 7
      max_connecting: 2
      pgbouncer: true
)");
  const pg::PoolOptions& pool = settings.postgres.pool;
  EXPECT_EQ(pool.max_lifetime_jitter, 3min);
  EXPECT_EQ(pool.health_check_period, 7s);
  EXPECT_EQ(pool.start, pg::PoolStart::eager);
  EXPECT_EQ(pool.acquire_timeout, 100ms);
  EXPECT_EQ(pool.connect_timeout, 3s);
  EXPECT_EQ(pool.cancel_patience, 70ms);
  EXPECT_EQ(pool.reconnect_pause_cap, 1min);
  EXPECT_EQ(pool.dead_peer_timeout, 9s) << "rounded up to what it can hold";
  EXPECT_EQ(pool.shared_connections, 2);
  EXPECT_EQ(pool.statement_cache, 0U);
  EXPECT_EQ(pool.max_waiters, 7U);
  EXPECT_EQ(pool.max_connecting, 2);
  EXPECT_TRUE(pool.pgbouncer);
}

TEST_F(SettingsFile, EveryKeyOfTheOtherSectionsReachesItsOption) {
  const Settings settings = load(R"(
storage:
  cache:
    l1: {type: memory, size: 32MB, ttl: 10m}
    l2: {type: redis, endpoint: "redis://cache:6379", ttl: 2h, max_connections: 3}
    invalidation:
      strategy: write
      patterns:
        - conversation:*
        - 'message:*'
  migrations:
    auto_migrate: false
    directory: /tmp
    table: versions
    lock_timeout: 9s
  vector:
    dimensions: 64
    index_lists: 100
    similarity_function: inner_product
    search_threshold: 0.25
  monitoring:
    enable_metrics: false
    metrics_interval: 15s
    slow_query_log: false
    query_stats: false
embedder:
  kind: openai
  url: http://localhost:1/v1
  model: tiny
  batch_size: 7
  timeout: 4s
  total_timeout: 5m
  max_retries: 2
  api_key: k-1
)");
  using namespace cache;
  EXPECT_EQ(settings.cache.l1.type, L1Type::memory);
  EXPECT_EQ(settings.cache.l1.size, 32U << 20);
  EXPECT_EQ(settings.cache.l1.ttl, 10min);
  EXPECT_EQ(settings.cache.l2.type, L2Type::redis);
  EXPECT_EQ(settings.cache.l2.endpoint, "redis://cache:6379");
  EXPECT_EQ(settings.cache.l2.ttl, 2h);
  EXPECT_EQ(settings.cache.l2.max_connections, 3);
  EXPECT_EQ(settings.cache.invalidation.strategy, InvalidationStrategy::write);
  EXPECT_THAT(settings.cache.invalidation.patterns, ElementsAre("conversation:*", "message:*"));
  EXPECT_EQ(settings.auto_migrate, false);
  EXPECT_EQ(settings.postgres.migrations, "/tmp");
  EXPECT_EQ(settings.postgres.migrator.table, "versions");
  EXPECT_EQ(settings.postgres.migrator.lock_timeout, 9s);
  EXPECT_EQ(settings.embedder.hashing.dimensions, 64U);
  EXPECT_EQ(settings.embedder.openai.dimensions, 64U);
  EXPECT_TRUE(settings.embedder.openai.send_dimensions);
  EXPECT_EQ(settings.vector.index_lists, 100);
  EXPECT_EQ(settings.vector.similarity_function, vector::Similarity::inner_product);
  EXPECT_EQ(settings.vector.search_threshold, 0.25);
  EXPECT_FALSE(settings.postgres.metrics.enabled);
  EXPECT_EQ(settings.postgres.metrics.interval, 15s);
  EXPECT_FALSE(settings.postgres.pool.observe.slow_query_log);
  EXPECT_FALSE(settings.postgres.metrics.statements);
  EXPECT_EQ(settings.embedder.kind, "openai");
  EXPECT_EQ(settings.embedder.openai.base_url, "http://localhost:1/v1");
  EXPECT_EQ(settings.embedder.openai.model, "tiny");
  EXPECT_EQ(settings.embedder.openai.batch_size, 7U);
  EXPECT_EQ(settings.embedder.openai.timeout, 4s);
  EXPECT_EQ(settings.embedder.openai.total_timeout, 5min);
  EXPECT_EQ(settings.embedder.openai.max_retries, 2);
  EXPECT_EQ(settings.embedder.openai.api_key.reveal(), "k-1");
  EXPECT_EQ(load("embedder: {api_key_file: /keys/one}").embedder.openai.api_key_file, "/keys/one");
}

TEST_F(SettingsFile, HasEveryKeyOfTheSpecification) {
  const std::vector<std::string> wanted{"storage.postgres.database_url",
                                        "storage.postgres.max_connections",
                                        "storage.postgres.min_connections",
                                        "storage.postgres.max_conn_lifetime",
                                        "storage.postgres.max_conn_idle_time",
                                        "storage.postgres.health_check_period",
                                        "storage.postgres.statement_timeout",
                                        "storage.postgres.lock_timeout",
                                        "storage.postgres.enable_query_stats",
                                        "storage.postgres.slow_query_threshold",
                                        "storage.postgres.auto_explain.enabled",
                                        "storage.postgres.auto_explain.log_analyze",
                                        "storage.postgres.auto_explain.log_buffers",
                                        "storage.postgres.auto_explain.log_timing",
                                        "storage.postgres.auto_explain.min_duration",
                                        "storage.postgres.pool.max_lifetime_jitter",
                                        "storage.postgres.pool.health_check_period",
                                        "storage.postgres.pool.lazy_connect",
                                        "storage.cache.l1.type",
                                        "storage.cache.l1.size",
                                        "storage.cache.l1.ttl",
                                        "storage.cache.l2.type",
                                        "storage.cache.l2.endpoint",
                                        "storage.cache.l2.ttl",
                                        "storage.cache.l2.max_connections",
                                        "storage.cache.invalidation.strategy",
                                        "storage.cache.invalidation.patterns",
                                        "storage.migrations.auto_migrate",
                                        "storage.migrations.directory",
                                        "storage.migrations.table",
                                        "storage.migrations.lock_timeout",
                                        "storage.vector.dimensions",
                                        "storage.vector.index_lists",
                                        "storage.vector.similarity_function",
                                        "storage.vector.search_threshold",
                                        "storage.monitoring.enable_metrics",
                                        "storage.monitoring.metrics_interval",
                                        "storage.monitoring.slow_query_log",
                                        "storage.monitoring.query_stats"};
  for (const std::string& key : wanted) EXPECT_NE(find_setting(key), nullptr) << key;
}

std::string operations_page() {
  std::ifstream file(LOCI_SOURCE_DIR "/docs/operations.md");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string yaml_of(const std::string& page) {
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence) + fence.size();
  return page.substr(begin, page.find("```\n", begin) - begin);
}

TEST_F(SettingsFile, TheOneInTheDocumentsIsReadAndHasEveryKey) {
  const std::string page = operations_page();
  const ReadSettings made = read(yaml_of(page), {{"PGPASSWORD", "x"}});
  EXPECT_THAT(texts(made), testing::IsEmpty());
  for (const SettingValue& value : made.values) {
    const bool other_name = !find_setting(value.key)->same_as.empty();
    const bool instead = value.key == "embedder.api_key_file";  // of embedder.api_key
    EXPECT_TRUE(value.origin.kind == Origin::Kind::file || other_name || instead) << value.key;
  }
  for (const Setting& setting : setting_table()) {
    if (setting.variable != nullptr) {
      EXPECT_THAT(page, HasSubstr(setting.variable));
    }
    EXPECT_THAT(page, HasSubstr(std::string(setting.key.substr(setting.key.rfind('.') + 1))));
  }
}

TEST_F(SettingsFile, TheDocumentsSayTheDefaults) {
  const ReadSettings documented = read(yaml_of(operations_page()), {{"PGPASSWORD", "x"}});
  const ReadSettings defaults = read("");
  const std::vector<std::string> examples{
      "storage.postgres.database_url",    "storage.postgres.data_dir",
      "storage.postgres.min_connections", "storage.postgres.pool.max_lifetime_jitter",
      "storage.cache.l2.endpoint",        "storage.cache.invalidation.patterns",
      "storage.migrations.auto_migrate",  "storage.migrations.directory",
      "storage.vector.dimensions",        "embedder.api_key"};
  for (const SettingValue& value : documented.values) {
    if (std::ranges::contains(examples, value.key)) continue;
    EXPECT_EQ(value.value, value_of(defaults, value.key).value) << value.key;
  }
}

// What a setting shows is what sets it again.
TEST(SettingTable, AShownValueSetsTheSameOption) {
  for (const Setting& setting : setting_table()) {
    const auto shown = setting.get(Settings{});
    if (!shown || shown->empty()) continue;
    Settings other;
    const std::vector<std::string> values{*shown};
    EXPECT_TRUE(setting.set(setting, other, values)) << setting.key << " " << *shown;
    EXPECT_EQ(setting.get(other), shown) << setting.key;
  }
}

TEST(SettingTable, NoKeyAndNoVariableComesTwice) {
  std::set<std::string_view> keys;
  std::set<std::string_view> variables;
  std::set<std::string> derived;
  for (const Setting& setting : setting_table()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    if (setting.variable != nullptr) {
      EXPECT_TRUE(variables.insert(setting.variable).second);
    }
    EXPECT_TRUE(derived.insert(derived_variable(setting.key)).second) << setting.key;
    EXPECT_FALSE(is_section(setting.key)) << setting.key;
  }
}

}  // namespace
}  // namespace loci::config
