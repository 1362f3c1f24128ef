#pragma once
#include <loci/storage/mock_storage.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loci::storage::mock {

/// Every call of a mock goes past here: it is recorded, made to wait, and perhaps made to fail.
///
/// Thread safety: any thread.
class Calls {
public:
  explicit Calls(const MockOptions& options);

  /// Gives what the call is to throw once it has done its work, if anything.
  /// Errors: what the call was made to fail with; timeout, when the deadline comes before the end
  /// of the latency.
  Task<std::optional<Error>> begin(std::string operation, Deadline deadline);
  /// The call, which began(), is over.
  void end(std::string_view operation, std::chrono::nanoseconds took, bool failed);

  void fail_next(std::string operation, Error error);
  void fail_after_next(std::string operation, Error error);
  void fail_nth(std::uint64_t n, Error error);
  void set_failure_rate(double rate);
  [[nodiscard]] std::vector<MockCall> made() const;
  void forget();
  [[nodiscard]] std::vector<pg::StatementStatistics> statistics() const;

private:
  struct Fate {
    std::optional<Error> failure;
    std::optional<Error> late_failure;  // after the work
    std::chrono::microseconds latency;
    bool unlucky = false;  // drawn to fail
  };
  Fate draw(const std::string& operation);
  std::optional<Error> arranged_failure(const std::string& operation);
  std::chrono::microseconds drawn_latency();

  const MockOptions options_;
  mutable std::mutex mutex_;
  double failure_rate_ = 0;
  std::mt19937_64 random_;
  using Queues = std::map<std::string, std::deque<Error>, std::less<>>;
  static std::optional<Error> next_of(Queues& queues, const std::string& operation);
  Queues by_operation_;
  Queues after_;
  std::vector<std::pair<std::uint64_t, Error>> by_number_;  // calls from now, and what is thrown
  std::vector<MockCall> made_;
  std::map<std::string, pg::StatementStatistics, std::less<>> statistics_;
};

}  // namespace loci::storage::mock
