#include "storage/mock/calls.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <cmath>

#include "storage/mock/waiting.hpp"

namespace loci::storage::mock {

Calls::Calls(const MockOptions& options) : options_(options), random_(options.seed) {
  set_failure_rate(options.failure_rate);
}

Task<std::optional<Error>> Calls::begin(std::string operation, Deadline deadline) {
  const Fate fate = draw(operation);
  const bool in_time =
      fate.latency.count() > 0 ? co_await wait_for(fate.latency, deadline) : !deadline.passed();
  if (!in_time) throw Error(ErrorKind::timeout, operation + " took longer than it may");
  if (fate.failure) throw Error(*fate.failure);
  if (!fate.unlucky) co_return fate.late_failure;
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
  Fate fate{.failure = arranged_failure(operation),
            .late_failure = next_of(after_, operation),
            .latency = options_.latency};
  fate.unlucky = std::uniform_real_distribution<double>(0, 1)(random_) < failure_rate_;
  if (options_.latency_most > options_.latency) {
    fate.latency = drawn_latency();
  }
  made_.push_back({operation, fate.failure || fate.late_failure || fate.unlucky});
  return fate;
}

std::chrono::microseconds Calls::drawn_latency() {
  const auto least = static_cast<double>(options_.latency.count());
  const auto span = static_cast<double>(options_.latency_most.count()) - least;
  double drawn = 0;
  switch (options_.latency_spread) {
    case MockSpread::even:
      drawn = std::uniform_real_distribution<double>(0, span)(random_);
      break;
    case MockSpread::normal:
      drawn = std::normal_distribution<double>(span / 2, span / 6)(random_);
      break;
    case MockSpread::exponential:
      drawn = std::exponential_distribution<double>(5 / span)(random_);
      break;
  }
  return std::chrono::microseconds(std::llround(least + std::clamp(drawn, 0.0, span)));
}

std::optional<Error> Calls::next_of(Queues& queues, const std::string& operation) {
  const auto queue = queues.find(operation);
  if (queue == queues.end() || queue->second.empty()) return std::nullopt;
  Error failure = std::move(queue->second.front());
  queue->second.pop_front();
  return failure;
}

std::optional<Error> Calls::arranged_failure(const std::string& operation) {
  std::optional<Error> failure;
  for (auto& [n, error] : by_number_) {
    if (--n == 0 && !failure) failure = error;
  }
  std::erase_if(by_number_, [](const auto& each) { return each.first == 0; });
  return failure ? failure : next_of(by_operation_, operation);
}

void Calls::fail_next(std::string operation, Error error) {
  const std::scoped_lock lock(mutex_);
  by_operation_[std::move(operation)].push_back(std::move(error));
}

void Calls::fail_after_next(std::string operation, Error error) {
  const std::scoped_lock lock(mutex_);
  after_[std::move(operation)].push_back(std::move(error));
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
