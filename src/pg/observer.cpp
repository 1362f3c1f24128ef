#include "pg/observer.hpp"

#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <xxhash.h>
#include <algorithm>
#include <format>
#include <utility>

namespace loci::pg {

StatementRecord::StatementRecord(const Statement& statement, std::uint64_t order)
    : totals_{.name = std::string(statement.name),
              .fingerprint =
                  std::format("{:016x}", XXH3_64bits(statement.sql.data(), statement.sql.size())),
              .order = order,
              .run = {},
              .wait = {}} {}

void StatementRecord::add(const QueryTrace& trace) {
  const std::scoped_lock lock(mutex_);
  ++totals_.calls;
  if (trace.error != nullptr) ++totals_.errors;
  totals_.rows += trace.rows;
  totals_.run.record(trace.run);
  if (trace.lane == Lane::shared) totals_.wait.record(trace.wait);
}

bool StatementRecord::first_time_slow() {
  const std::scoped_lock lock(mutex_);
  return !std::exchange(was_slow_, true);
}

StatementStatistics StatementRecord::statistics() const {
  const std::scoped_lock lock(mutex_);
  return totals_;
}

StatementRecord& Observer::of(const Statement& statement) {
  const std::scoped_lock lock(mutex_);
  if (records_.size() >= k_most_records && !records_.contains(statement.sql)) {
    return record(statement.name, statement);
  }
  return record(statement.sql, statement);
}

StatementRecord& Observer::record(std::string_view key, const Statement& statement) {
  const auto known = records_.find(key);
  if (known != records_.end()) return known->second->second;
  auto made = std::make_unique<std::pair<std::string, StatementRecord>>(
      std::piecewise_construct, std::forward_as_tuple(key),
      std::forward_as_tuple(statement, records_.size()));
  const std::string_view kept = made->first;
  return records_.emplace(kept, std::move(made)).first->second->second;
}

void Observer::ended(StatementRecord& record, const QueryTrace& trace) {
  if (options_.statistics) record.add(trace);
  if (options_.tracer) options_.tracer->query_ended(trace);
  const auto slow = options_.slow_query_threshold;
  if (!options_.slow_query_log || slow.count() == 0 || trace.wait + trace.run < slow) return;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  log::warn(std::format(
      "slow_query name={} fingerprint={} lane={} wait_ms={:.1f} run_ms={:.1f} rows={} sqlstate={}",
      trace.statement.name, record.fingerprint(),
      trace.lane == Lane::shared ? "shared" : "exclusive", Milliseconds(trace.wait).count(),
      Milliseconds(trace.run).count(), trace.rows,
      trace.error == nullptr ? "00000" : trace.error->sqlstate()));
  if (options_.explain_slow_queries && on_slow_ && record.first_time_slow()) {
    on_slow_(trace.statement);
  }
}

std::vector<StatementStatistics> Observer::statistics() const {
  std::vector<StatementStatistics> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [sql, entry] : records_) all.push_back(entry->second.statistics());
  }
  std::erase_if(all, [](const StatementStatistics& each) { return each.calls == 0; });
  std::ranges::sort(all, std::ranges::greater{},
                    [](const StatementStatistics& each) { return each.run.sum(); });
  return all;
}

}  // namespace loci::pg
