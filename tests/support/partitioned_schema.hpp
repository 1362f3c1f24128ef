#pragma once
#include <loci/schema/migration.hpp>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace loci::test {

/// Whether the tests of this process run on the partitioned schema: LOCI_TEST_PARTITIONED is set.
[[nodiscard]] inline bool on_partitioned_schema() {
  return std::getenv("LOCI_TEST_PARTITIONED") != nullptr;
}

/// `sql` with `create table NAME (...)` partitioned by hash of its tenant, in four.
[[nodiscard]] inline std::string partitioned(std::string sql, std::string_view name) {
  const std::string head = "\ncreate table " + std::string(name) + " (";
  const std::size_t begin = sql.find(head);
  if (begin == std::string::npos) return sql;
  const std::string_view end_mark = "\n);";
  const std::size_t end = sql.find(end_mark, begin);
  std::string partitions = "\n) partition by hash (tenant_id);\n";
  std::string policies;
  for (const char* part : {"0", "1", "2", "3"}) {
    const std::string table = std::string(name) + "_p" + part;
    partitions += "create table " + table + " partition of " + std::string(name) +
                  " for values with (modulus 4, remainder " + part + ");\n";
    policies += "alter table " + table + " enable row level security;\n" + "alter table " + table +
                " force row level security;\n" + "create policy tenant on " + table +
                " using (tenant_id = (select loci_tenant()));\n";
  }
  sql.replace(end, end_mark.size(), partitions);
  return sql + "\n" + policies;
}

/// Loci's own migrations, with every large table in four partitions by tenant.
[[nodiscard]] inline std::vector<schema::Migration> partitioned_migrations() {
  std::vector<schema::Migration> migrations = schema::built_in_migrations();
  for (schema::Migration& each : migrations) {
    for (const std::string_view table :
         {"conversations", "messages", "tool_executions", "memories", "memory_versions",
          "memory_sources", "tools", "embedding_jobs"}) {
      each.up = partitioned(std::move(each.up), table);
    }
  }
  return migrations;
}

}  // namespace loci::test
