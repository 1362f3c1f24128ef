#pragma once
#include <loci/pg/runtime.hpp>
#include <loci/schema/migrator.hpp>
#include <loci/storage/postgres_storage.hpp>
#include <loci/transcript/exporter.hpp>
#include <loci/transcript/importer.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/embedded/sql.hpp"
#include "support/database.hpp"

namespace loci::test {

/// The name of a fresh database that has the schema: a copy of one that was migrated once.
[[nodiscard]] inline std::string migrated_database() {
  static const std::string original = [] {
    std::string name = TestServer::instance().fresh_database_name();
    Runtime runtime;
    pg::Pool pool(runtime.executor(), {.conninfo = TestServer::instance().dsn(name)});
    (void)runtime.wait(schema::Migrator(pool, schema::built_in_migrations()).up(soon()));
    pool.close();
    return name;
  }();
  // The closed connection may still be seen; nobody else may be connected while a copy is made.
  (void)pg::embedded::run_statement(
      TestServer::instance().admin_dsn(),
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '" + original +
          "'");
  return TestServer::instance().fresh_database_name(original);
}

/// The first value of the first row, as text; `admin_dsn` sees the rows of all tenants.
[[nodiscard]] inline std::string first_value(const std::string& admin_dsn, const std::string& sql) {
  return pg::embedded::run_statement(admin_dsn, sql);
}

/// What is wrong with the histories in a database, one line each; empty when all are whole: nothing
/// doubled, numbers without gaps, parents, leaves and tool calls in their own conversation, and
/// every message either embedded or queued once.
[[nodiscard]] inline std::string damage(const std::string& admin_dsn) {
  const std::vector<std::pair<std::string_view, std::string_view>> checks{
      {"conversations doubled",
       "select count(*) - count(distinct (tenant_id, source, source_id)) from conversations "
       "where source is not null"},
      {"messages doubled",
       "select count(*) - count(distinct (tenant_id, conversation_id, source_id)) from messages "
       "where source_id is not null"},
      {"conversations with a gap in seq, or another last_seq than they have messages",
       "select count(*) from conversations c left join (select conversation_id, count(*) as n, "
       "min(seq) as low, max(seq) as high from messages group by 1) m on m.conversation_id = c.id "
       "where coalesce(m.n, 0) <> c.last_seq or coalesce(m.high, 0) <> c.last_seq or "
       "coalesce(m.low, 1) <> 1"},
      {"messages without a conversation",
       "select count(*) from messages m where not exists (select from conversations c "
       "where c.id = m.conversation_id)"},
      {"parents of another conversation, or that come later",
       "select count(*) from messages m left join messages p on p.id = m.parent_id "
       "where m.parent_id is not null and (p.id is null or p.conversation_id <> m.conversation_id "
       "or p.seq >= m.seq)"},
      {"leaves of another conversation",
       "select count(*) from conversations c where current_leaf_id is not null and not exists "
       "(select from messages m where m.id = c.current_leaf_id and m.conversation_id = c.id)"},
      {"tool calls without their message",
       "select count(*) from tool_executions t where not exists (select from messages m "
       "where m.id = t.message_id and m.conversation_id = t.conversation_id)"},
      {"queue entries or vectors without a message",
       "select (select count(*) from embedding_jobs j where not exists "
       "(select from messages m where m.id = j.content_id)) + (select count(*) from embeddings e "
       "where not exists (select from messages m where m.id = e.content_id))"},
      // For every model to which the tenant's messages were promised. Blank ones give no vector.
      {"messages neither embedded nor queued, or both",
       "select count(*) from embedding_coverage v "
       "join embedding_models d on d.id = v.model_id and d.status <> 'retired' "
       "join messages m on m.tenant_id = v.tenant_id and m.content ~ '[[:alnum:]]' "
       "join conversations c on c.id = m.conversation_id and c.deleted_at is null "
       "where (select count(*) from embedding_jobs j where j.tenant_id = m.tenant_id and "
       "j.model_id = d.id and j.content_type = 'message' and j.content_id = m.id) + "
       "(select count(*) from embeddings e where e.tenant_id = m.tenant_id and "
       "e.model_id = d.id and e.content_type = 'message' and e.content_id = m.id and "
       "e.chunk = 0) <> 1"},
  };
  std::string found;
  for (const auto& [name, sql] : checks) {
    const std::string count = first_value(admin_dsn, std::string(sql));
    if (count != "0") found += count + " " + std::string(name) + "\n";
  }
  return found;
}

/// An empty storage on a database of its own, and what importing and exporting need.
class StoredHistory {
public:
  explicit StoredHistory(std::string name = migrated_database())
      : database(std::move(name)),
        storage(runtime.executor(), {.pool = {.conninfo = TestServer::instance().dsn(database),
                                              .max_connections = 8}}) {}

  transcript::ImportSummary import(const std::vector<std::filesystem::path>& paths,
                                   transcript::ImportOptions options = {}) {
    return transcript::Importer(runtime, storage, std::move(options)).run(paths);
  }

  [[nodiscard]] std::string exported(const transcript::ExportOptions& options = {}) {
    std::string text;
    (void)transcript::export_history(runtime, storage, options,
                                     [&text](std::string_view line) { text += line; });
    return text;
  }

  [[nodiscard]] std::string admin_dsn() const { return TestServer::instance().admin_dsn(database); }
  [[nodiscard]] std::string value(const std::string& sql) const {
    return first_value(admin_dsn(), sql);
  }
  [[nodiscard]] std::int64_t count(const std::string& table) const {
    return std::stoll(value("select count(*) from " + table));
  }

  std::string database;
  Runtime runtime;
  storage::PostgresStorage storage;
};

}  // namespace loci::test
