#pragma once
#include <loci/storage/storage.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loci::storage {

/// How drawn times lie between two bounds.
enum class MockSpread : std::uint8_t {
  even,
  normal,       ///< Most in the middle; the bounds are three standard deviations from it.
  exponential,  ///< Most near the lower bound, few far off: its mean is a fifth of the way.
};

/// How the mock misbehaves. Everything is drawn from `seed`: the same calls in the same order fail
/// and wait the same.
struct MockOptions {
  std::uint64_t seed = 1;
  /// Share of calls that fail, 0 to 1, before they do anything.
  double failure_rate = 0;
  /// What a failing call throws; missing: Error{connection_lost}.
  std::function<Error(std::string_view operation)> failure = {};
  /// How long each call takes: `latency`, or between it and `latency_most` as the spread says.
  std::chrono::microseconds latency{0};
  std::chrono::microseconds latency_most{0};
  MockSpread latency_spread = MockSpread::even;
  Uuid tenant_id = {};  ///< Nil: that of PostgresOptions.
  /// The clock of created_at, expiry and the like; missing: loci::now().
  std::function<Timestamp()> clock = {};
};

/// A call that was made of the mock.
struct MockCall {
  /// The repository's name in Repositories and its member's: "messages.append"; of a storage or a
  /// transaction the member's alone: "commit".
  std::string operation;
  bool failed = false;  ///< It was made to fail; what the storage itself refused is not meant.
};

/// The whole Storage in memory, for tests: yours, and those of the floors above. It keeps what
/// PostgreSQL would keep, refuses what PostgreSQL would refuse with the same SQLSTATE, and passes
/// the same conformance suite. Transactions see what theirs see at each isolation; whoever writes a
/// record keeps the others who would write it waiting, until their deadline; conflicts (40001) and
/// deadlocks (40P01) are retryable(). Of serializable ones it refuses more than PostgreSQL does:
/// any that wrote something and read what was changed since.
///
/// ```
/// MockStorage storage({.failure_rate = 0.1, .latency = 2ms});
/// storage.fail_next("messages.append", Error(ErrorKind::timeout, "too slow"));
/// run_the_code_under_test(storage);
/// EXPECT_EQ(storage.calls().back().operation, "messages.append");
/// ```
/// It keeps no vectors' index and no full text: what search does is not mocked. Nor is there a
/// queue of what is to be embedded, or a schema: migrate() finds nothing to do.
///
/// Thread safety: any thread. Latency is waited for on the caller's executor.
class MockStorage final : public Storage {
public:
  explicit MockStorage(MockOptions options = {});
  ~MockStorage() override;

  ConversationRepository& conversations() override;
  MessageRepository& messages() override;
  EmbeddingRepository& embeddings() override;
  MemoryRepository& memories() override;
  ToolRepository& tools() override;
  ToolExecutionRepository& tool_executions() override;
  Task<void> connect(Deadline deadline = default_deadline()) override;
  Task<void> ping(Deadline deadline = default_deadline()) override;
  void close() override;
  Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options = {},
                                           Deadline deadline = default_deadline()) override;
  Task<std::vector<schema::MigrationStep>> migrate(Deadline deadline = default_deadline()) override;
  Task<std::vector<schema::MigrationStep>> migrate_down(
      int count, Deadline deadline = default_deadline()) override;
  Task<Health> health(Deadline deadline = default_deadline()) override;
  [[nodiscard]] Metrics metrics() const override;
  [[nodiscard]] std::unique_ptr<Storage> for_tenant(Uuid tenant_id) override;
  [[nodiscard]] std::unique_ptr<Storage> for_user(std::string user_id) override;
  Task<ErasureReport> erase_user(std::string user_id,
                                 Deadline deadline = default_deadline()) override;

  /// The next call of that operation throws this, and does nothing. Several queue up.
  void fail_next(std::string operation, Error error);
  /// The next call of that operation does its work and then throws this, as when the answer is lost
  /// on its way: give it with_unknown_outcome(). Several queue up.
  void fail_after_next(std::string operation, Error error);
  /// The n-th call from now, of whatever operation (1: the next), throws this.
  void fail_nth(std::uint64_t n, Error error);
  /// From now on; 0 to 1.
  void set_failure_rate(double rate);

  /// Every call since the beginning or the last clear_calls(), in the order in which they began.
  [[nodiscard]] std::vector<MockCall> calls() const;
  void clear_calls();

private:
  struct State;
  std::shared_ptr<State> state_;  // shared with views and transactions
};

}  // namespace loci::storage
