#include "config/contradictions.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/connection_string.hpp>

#include <filesystem>

#include "config/url_secrets.hpp"

namespace loci::config {

namespace {

// Empty: it can be read.
std::string fault_of_url(const std::string& url) {
  if (url.empty()) return {};
  try {
    pg::check_connection_string(url);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

std::vector<Contradiction> contradictions(const Settings& settings) {
  const pg::PoolOptions& pool = settings.postgres.pool;
  std::vector<Contradiction> found;
  if (std::string fault = fault_of_url(settings.database_url); !fault.empty()) {
    found.push_back({"storage.postgres.database_url", std::move(fault)});
  }
  if (url_names_user(settings.embedder.openai.base_url)) {
    found.push_back({"embedder.url",
                     "embedder.url is a URL without a user and password: the key goes into "
                     "embedder.api_key_file or embedder.api_key"});
  }
  if (pool.min_connections && *pool.min_connections > pool.max_connections) {
    found.push_back({"storage.postgres.min_connections",
                     "storage.postgres.min_connections is more than max_connections, which is " +
                         std::to_string(pool.max_connections),
                     "storage.postgres.max_connections"});
  }
  if (pool.max_lifetime_jitter && pool.max_lifetime.count() > 0 &&
      *pool.max_lifetime_jitter > pool.max_lifetime) {
    found.push_back({"storage.postgres.pool.max_lifetime_jitter",
                     "storage.postgres.pool.max_lifetime_jitter is more than max_conn_lifetime",
                     "storage.postgres.max_conn_lifetime"});
  }
  if (pool.auto_explain.enabled && pool.pgbouncer) {
    found.push_back({"storage.postgres.auto_explain.enabled",
                     "storage.postgres.auto_explain does not go with pool.pgbouncer, which gives a "
                     "session to many",
                     "storage.postgres.pool.pgbouncer"});
  }
  const std::filesystem::path& migrations = settings.postgres.migrations;
  if (std::error_code ignored;
      !migrations.empty() && !std::filesystem::is_directory(migrations, ignored)) {
    found.push_back({"storage.migrations.directory",
                     "storage.migrations.directory is no folder that is there"});
  }
  if (settings.postgres.migrator.table.empty()) {
    found.push_back({"storage.migrations.table", "storage.migrations.table is a name, not empty"});
  }
  return found;
}

}  // namespace loci::config
