#include "storage/mock/calls.hpp"

#include <loci/base/error.hpp>

#include <algorithm>

#include "storage/mock/waiting.hpp"

namespace loci::storage::mock {

Calls::Calls(const MockOptions& options) : options_(options), random_(options.seed) {
  set_failure_rate(options.failure_rate);
}

Task<void> Calls::begin(std::string operation, Deadline deadline) {
  const Fate fate = draw(operation);
  const bool in_time =
      fate.latency.count() > 0 ? co_await wait_for(fate.latency, deadline) : !deadline.passed();
  if (!in_time) throw Error(ErrorKind::timeout, operation + " took longer than it may");
  if (fate.failure) throw Error(*fate.failure);
  if (!fate.unlucky) co_return;
  if (options_.failure) throw options_.failure(operation);
  throw Error(ErrorKind::connection_lost, operation + " was made to fail");
}

void Calls::end(std::string_view operation, std::chrono::nanoseconds took, bool failed) {
  const std::scoped_lock lock(mutex_);
  pg::StatementStatistics& statistics = statistics_[std::string(operation)];
  ++statistics.calls;
  statistics.errors += failed ? 1 : 0;
  statistics.run.record(took);
}

// The share of failures is drawn for each call, so that one that fails for another reason does not
// shift what becomes of the rest.
Calls::Fate Calls::draw(const std::string& operation) {
  const std::scoped_lock lock(mutex_);
  Fate fate{.failure = arranged_failure(operation), .latency = options_.latency};
  fate.unlucky = std::uniform_real_distribution<double>(0, 1)(random_) < failure_rate_;
  if (options_.latency_most > options_.latency) {
    fate.latency = std::chrono::microseconds(std::uniform_int_distribution(
        options_.latency.count(), options_.latency_most.count())(random_));
  }
  made_.push_back({operation, fate.failure.has_value() || fate.unlucky});
  return fate;
}

std::optional<Error> Calls::arranged_failure(const std::string& operation) {
  std::optional<Error> failure;
  for (auto& [n, error] : by_number_) {
    if (--n == 0 && !failure) failure = error;
  }
  std::erase_if(by_number_, [](const auto& each) { return each.first == 0; });
  if (failure) return failure;

  const auto queue = by_operation_.find(operation);
  if (queue == by_operation_.end() || queue->second.empty()) return std::nullopt;
  failure = queue->second.front();
  queue->second.pop_front();
  return failure;
}

void Calls::fail_next(std::string operation, Error error) {
  const std::scoped_lock lock(mutex_);
  by_operation_[std::move(operation)].push_back(std::move(error));
}

void Calls::fail_nth(std::uint64_t n, Error error) {
  if (n == 0) throw Error(ErrorKind::invalid_argument, "calls are counted from 1");
  const std::scoped_lock lock(mutex_);
  by_number_.emplace_back(n, std::move(error));
}

void Calls::set_failure_rate(double rate) {
  if (!(rate >= 0 && rate <= 1)) {
    throw Error(ErrorKind::invalid_argument, "a failure rate is 0 to 1");
  }
  const std::scoped_lock lock(mutex_);
  failure_rate_ = rate;
}

std::vector<MockCall> Calls::made() const {
  const std::scoped_lock lock(mutex_);
  return made_;
}

void Calls::forget() {
  const std::scoped_lock lock(mutex_);
  made_.clear();
}

std::vector<pg::StatementStatistics> Calls::statistics() const {
  std::vector<pg::StatementStatistics> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [operation, statistics] : statistics_) {
      all.push_back(statistics);
      all.back().name = operation;
    }
  }
  std::ranges::stable_sort(all, std::greater(), [](const auto& each) { return each.run.sum(); });
  return all;
}

}  // namespace loci::storage::mock
