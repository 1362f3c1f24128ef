#include "sqlgen/vet/plans.hpp"

#include <loci/base/json.hpp>
#include <loci/pg/quote.hpp>

namespace loci::sqlgen {
namespace {

constexpr std::string_view settings =
    "set local enable_seqscan = off; set local plan_cache_mode = force_generic_plan; "
    "set local max_parallel_workers_per_gather = 0";

/// A scan that reads each row of its table to find those that are asked for. One through an index
/// in its order, without anything to look for, may well stop early.
bool reads_whole(Json node) {
  const std::string type = node["Node Type"].string_or("");
  if (type == "Seq Scan") return true;
  return (type == "Index Scan" || type == "Index Only Scan") && !node["Index Cond"].exists() &&
         node["Filter"].exists();
}

void gather(Json node, const std::set<std::string>& large, std::set<std::string>& found) {
  const std::string table =
      node["Schema"].string_or("") + "." + node["Relation Name"].string_or("");
  if (large.contains(table) && reads_whole(node)) found.insert(table);
  for (const Json child : node["Plans"]) gather(child, large, found);
}

}  // namespace

std::string plan_of(TextSession& session, const Query& query) {
  const std::string name = "vet_plan";
  std::string nulls;
  for (std::size_t i = 0; i < query.parameters.size(); ++i) nulls += i == 0 ? "null" : ", null";
  if (!nulls.empty()) nulls = "(" + nulls + ")";
  std::string plan;
  session.mark();
  if (!session.attempt(std::string(settings) + "; prepare " + name + " as " + query.sql + "\n")) {
    const auto rows =
        session.attempt_rows("explain (format json, verbose) execute " + name + nulls);
    if (rows && !rows->empty()) plan = rows->front().front().value_or("");
    session.attempt("deallocate " + name);
  }
  session.undo();
  return plan;
}

std::set<std::string> large_tables(TextSession& session, const std::vector<std::string>& names,
                                   double rows, std::vector<std::string>& unknown) {
  std::set<std::string> tables;
  const auto take = [&](const std::string& condition) {
    const auto found = session.attempt_rows(
        "select n.nspname || '.' || c.relname from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') and " +
        condition);
    if (!found || found->empty()) return false;
    for (const TextRow& row : *found) tables.insert(*row.front());
    return true;
  };
  for (const std::string& name : names) {
    const std::string table = "to_regclass(" + pg::quote_literal(name) + ")";
    if (!take("(c.oid = " + table + " or c.oid in (select relid from pg_partition_tree(" + table +
              ")))")) {
      unknown.push_back(name);
    }
  }
  take("n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' and c.reltuples >= " +
       std::to_string(rows));
  return tables;
}

std::set<std::string> tables_read_whole(const std::string& plan,
                                        const std::set<std::string>& large) {
  std::set<std::string> found;
  if (plan.empty()) return found;
  const JsonDocument document = JsonDocument::parse(plan);
  for (const Json statement : document.root()) gather(statement["Plan"], large, found);
  return found;
}

}  // namespace loci::sqlgen
