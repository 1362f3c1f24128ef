#pragma once
#include <loci/pg/pool_options.hpp>
#include <loci/pg/statement_statistics.hpp>
#include <loci/pg/tracer.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pg/statement_cost.hpp"

namespace loci::pg {

/// What a pool knows of one statement. Any thread.
class StatementRecord {
public:
  StatementRecord(const Statement& statement, std::uint64_t order);

  void add(const QueryTrace& trace);
  /// True the first time it is asked.
  [[nodiscard]] bool first_time_slow();
  [[nodiscard]] StatementStatistics statistics() const;
  [[nodiscard]] const std::string& fingerprint() const noexcept { return totals_.fingerprint; }
  StatementCost cost;

private:
  mutable std::mutex mutex_;
  StatementStatistics totals_;
  bool was_slow_ = false;
};

/// Sees all that a pool runs: counts and times it, logs what was slow, and tells the user's tracer.
/// Shared by the pool and its connections. Any thread.
class Observer {
public:
  using Clock = std::chrono::steady_clock;
  explicit Observer(ObserveOptions options) : options_(std::move(options)) {}

  /// Stays where it is for as long as the observer lives. A program makes a bounded number of
  /// statements; where it composes more, those past the bound share the record of their name.
  [[nodiscard]] StatementRecord& of(const Statement& statement);

  void started(const Statement& statement, Lane lane) const {
    if (options_.tracer) options_.tracer->query_started(statement, lane);
  }
  void ended(StatementRecord& record, const QueryTrace& trace);
  void prepared(const Statement& statement) const {
    if (options_.tracer) options_.tracer->prepared(statement);
  }
  void acquired(Clock::duration wait, const Error* error) const {
    if (options_.tracer) options_.tracer->acquired(wait, error);
  }
  void connected(Clock::duration time, const Error* error) const {
    if (options_.tracer) options_.tracer->connected(time, error);
  }
  void copied(std::uint64_t rows, Clock::duration time, const Error* error) const {
    if (options_.tracer) options_.tracer->copied(rows, time, error);
  }

  /// Of all statements that ran, the one that took the most time in all first.
  [[nodiscard]] std::vector<StatementStatistics> statistics() const;

  /// Called for a statement that was slow for the first time. Before the pool is used.
  void on_slow(std::function<void(const Statement&)> callback) { on_slow_ = std::move(callback); }

private:
  static constexpr std::size_t k_most_records = 4096;
  StatementRecord& record(std::string_view key, const Statement& statement);

  const ObserveOptions options_;
  std::function<void(const Statement&)> on_slow_;
  mutable std::mutex mutex_;
  // The text is the record's key and lives in it: that of a statement may be gone by then.
  std::unordered_map<std::string_view, std::unique_ptr<std::pair<std::string, StatementRecord>>>
      records_;
};

}  // namespace loci::pg
