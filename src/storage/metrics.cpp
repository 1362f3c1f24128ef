#include <loci/storage/health.hpp>
#include <loci/storage/metrics.hpp>

#include <algorithm>
#include <map>

#include "storage/prometheus_text.hpp"

namespace loci::storage {

namespace {

constexpr std::string_view k_rest = "other";

void write_pool(PrometheusText& out, const pg::PoolStatistics& pool) {
  const auto one = [&](const char* name, const char* type, const char* help, auto number) {
    out.metric(name, type, help).value(number);
  };
  one("loci_pool_connections_max", "gauge", "Connections there may be.", pool.most);
  one("loci_pool_connections_open", "gauge", "Connections there are.", pool.open);
  one("loci_pool_connections_idle", "gauge", "Of these, ready to be leased.", pool.idle);
  one("loci_pool_connections_shared", "gauge", "Of these, carrying reads of many callers.",
      pool.shared);
  one("loci_pool_connections_opening", "gauge", "Connects in flight.", pool.opening);
  one("loci_pool_waiting", "gauge", "Callers in the queue.", pool.waiting);
  one("loci_pool_acquired_total", "counter", "Leases handed out.", pool.acquired);
  one("loci_pool_opened_total", "counter", "Connections made.", pool.opened);
  one("loci_pool_connect_errors_total", "counter", "Connects that failed.", pool.connect_errors);
  one("loci_pool_timed_out_total", "counter", "Callers who waited in vain.", pool.timed_out);
  one("loci_pool_refused_total", "counter", "Callers turned away at once.", pool.refused);
  one("loci_pool_retried_reads_total", "counter", "Reads run again on another connection.",
      pool.retried_reads);

  out.metric("loci_pool_retired_total", "counter",
             "Connections closed before the pool was, by why.");
  const pg::RetiredConnections& retired = pool.retired;
  for (const auto& [reason, count] :
       {std::pair{"lost", retired.lost}, std::pair{"lifetime", retired.lifetime},
        std::pair{"idle", retired.idle}, std::pair{"reset", retired.reset},
        std::pair{"failover", retired.failover}, std::pair{"health_check", retired.health_check},
        std::pair{"unclean", retired.unclean}, std::pair{"hook", retired.hook}}) {
    out.value(count, {"reason", reason});
  }
  out.metric("loci_pool_wait_seconds", "histogram",
             "How long those waited who could not be served at once.")
      .histogram(pool.waits);
}

void merge(pg::StatementStatistics& into, const pg::StatementStatistics& other) {
  into.order = std::min(into.order, other.order);
  into.calls += other.calls;
  into.errors += other.errors;
  into.rows += other.rows;
  into.run.merge(other.run);
  into.wait.merge(other.wait);
}

using ByName = std::map<std::string, pg::StatementStatistics, std::less<>>;

// Several texts may go by one name: a series has to come once. Those that came first have their
// own: whatever was once counted under k_rest stays there, for a counter must not go down.
ByName by_name(const std::vector<pg::StatementStatistics>& statements, std::size_t most) {
  ByName all;
  for (const pg::StatementStatistics& each : statements) {
    const auto [known, added] = all.try_emplace(each.name, each);
    if (!added) merge(known->second, each);
  }
  std::vector<const ByName::value_type*> ranked;
  for (const auto& entry : all) ranked.push_back(&entry);
  std::ranges::stable_sort(ranked, {}, [](const auto* entry) { return entry->second.order; });
  ByName told;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    merge(told[i < most ? ranked[i]->first : std::string(k_rest)], ranked[i]->second);
  }
  return told;
}

void write_statements(PrometheusText& out, const ByName& statements) {
  const auto each = [&](const char* name, const char* type, const char* help, auto write) {
    out.metric(name, type, help);
    for (const auto& [statement, figures] : statements)
      write(figures, Label{"statement", statement});
  };
  using Figures = pg::StatementStatistics;
  each("loci_statement_calls_total", "counter", "Runs of a statement.",
       [&](const Figures& all, Label label) { out.value(all.calls, label); });
  each("loci_statement_errors_total", "counter", "Of these, failed.",
       [&](const Figures& all, Label label) { out.value(all.errors, label); });
  each("loci_statement_rows_total", "counter", "Rows given or changed.",
       [&](const Figures& all, Label label) { out.value(all.rows, label); });
  each("loci_statement_seconds", "histogram", "From sending it until its answer was read.",
       [&](const Figures& all, Label label) { out.histogram(all.run, label); });
  each("loci_statement_wait_seconds", "histogram", "On the shared lane, until it was sent.",
       [&](const Figures& all, Label label) {
         if (all.wait.count() > 0) out.histogram(all.wait, label);
       });
}

}  // namespace

std::string to_prometheus(const Metrics& metrics, std::size_t most_statements) {
  PrometheusText out;
  if (metrics.pool.most > 0) write_pool(out, metrics.pool);
  const ByName statements = by_name(metrics.statements, most_statements);
  if (!statements.empty()) write_statements(out, statements);
  return out.take();
}

std::string to_prometheus(const Health& health) {
  PrometheusText out;
  out.metric("loci_health_status", "gauge", "0 ok, 1 warn, 2 fail.");
  for (const HealthCheck& check : health.checks) {
    out.value(static_cast<int>(check.status), {"check", check.name});
  }
  if (health.latency.count() > 0) {
    out.metric("loci_health_latency_seconds", "gauge", "Of one round trip to the server.")
        .seconds(std::chrono::duration<double>(health.latency).count());
  }
  return out.take();
}

}  // namespace loci::storage
