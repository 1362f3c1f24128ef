#include <loci/storage/mock_storage.hpp>
#include <loci/storage/postgres_storage.hpp>

#include "storage/input_checks.hpp"
#include "storage/mock/repositories.hpp"

namespace loci::storage {

namespace {

using mock::Core;
using mock::Scope;
using mock::Set;
using mock::Statement;
using mock::Unit;
using mock::Work;

class MockTransaction final : public Transaction {
public:
  MockTransaction(std::shared_ptr<Core> core, pg::TransactionOptions options, const Scope& scope)
      : core_(std::move(core)),
        work_(core_->rows, options),
        set_(Unit{.core = core_.get(), .work = &work_, .scope = scope}) {}
  MockTransaction(const MockTransaction&) = delete;
  MockTransaction& operator=(const MockTransaction&) = delete;
  ~MockTransaction() override { end(); }

  ConversationRepository& conversations() override { return set_.conversations; }
  MessageRepository& messages() override { return set_.messages; }
  EmbeddingRepository& embeddings() override { return set_.embeddings; }
  MemoryRepository& memories() override { return set_.memories; }
  ToolRepository& tools() override { return set_.tools; }
  ToolExecutionRepository& tool_executions() override { return set_.tool_executions; }

  Task<void> commit(Deadline deadline) override {
    try {
      co_await mock::call(*core_, "commit", deadline, [this] {
        const std::scoped_lock lock(core_->mutex);
        require_open();
        if (work_.failed()) {
          throw mock::server_error("25P02", "the transaction failed and was rolled back");
        }
        work_.commit();
      });
    } catch (const Error&) {
      end();
      throw;
    }
  }
  Task<void> rollback(Deadline deadline) override {
    co_await mock::call(*core_, "rollback", deadline, [this] {
      const std::scoped_lock lock(core_->mutex);
      require_open();
      work_.end();
    });
  }

private:
  void require_open() const {
    if (work_.over()) throw Error(ErrorKind::closed, "the transaction is over");
  }
  void end() noexcept {
    const std::scoped_lock lock(core_->mutex);
    work_.end();
  }

  std::shared_ptr<Core> core_;  // it may outlive the storage
  Work work_;
  Set set_;
};

// A storage over a core, as one scope sees it.
class View : public Storage {
public:
  View(std::shared_ptr<Core> core, Scope scope, bool narrowed)
      : core_(std::move(core)),
        scope_(std::move(scope)),
        narrowed_(narrowed),
        set_(Unit{.core = core_.get(), .work = nullptr, .scope = scope_}) {}

  ConversationRepository& conversations() override { return set_.conversations; }
  MessageRepository& messages() override { return set_.messages; }
  EmbeddingRepository& embeddings() override { return set_.embeddings; }
  MemoryRepository& memories() override { return set_.memories; }
  ToolRepository& tools() override { return set_.tools; }
  ToolExecutionRepository& tool_executions() override { return set_.tool_executions; }

  Task<void> connect(Deadline deadline) override { return look("connect", deadline); }
  Task<void> ping(Deadline deadline) override { return look("ping", deadline); }
  void close() override {}

  Task<std::unique_ptr<Transaction>> begin(pg::TransactionOptions options,
                                           Deadline deadline) override {
    co_await look("begin", deadline);
    co_return std::make_unique<MockTransaction>(core_, options, scope_);
  }
  // A mock has no schema: there is nothing to bring anywhere.
  Task<std::vector<schema::MigrationStep>> migrate(Deadline deadline) override {
    if (narrowed_) refuse_migration_by_view();
    co_await look("migrate", deadline);
    co_return std::vector<schema::MigrationStep>();
  }
  Task<std::vector<schema::MigrationStep>> migrate_down(int /*count*/, Deadline deadline) override {
    if (narrowed_) refuse_migration_by_view();
    co_await look("migrate_down", deadline);
    co_return std::vector<schema::MigrationStep>();
  }
  Task<Health> health(Deadline deadline) override {
    const auto begun = Deadline::Clock::now();
    Health health;
    health.checks.push_back(
        {.name = "server", .status = HealthStatus::ok, .detail = "in memory", .remedy = {}});
    try {
      co_await look("health", deadline);
    } catch (const Error& error) {
      health.checks.front() = {.name = "server",
                               .status = HealthStatus::fail,
                               .detail = error.what(),
                               .remedy = "it was made to fail: see what the test asked for"};
    }
    health.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(Deadline::Clock::now() - begun);
    co_return health;
  }
  [[nodiscard]] Metrics metrics() const override {
    return {.pool = {}, .statements = core_->calls.statistics()};
  }
  [[nodiscard]] std::unique_ptr<Storage> for_tenant(Uuid tenant_id) override {
    require_no_wider(scope_.user, std::nullopt);
    return std::make_unique<View>(core_, Scope{.tenant = tenant_id}, true);
  }
  [[nodiscard]] std::unique_ptr<Storage> for_user(std::string user_id) override {
    check_user(user_id);
    require_no_wider(scope_.user, user_id);
    return std::make_unique<View>(core_, Scope{.tenant = scope_.tenant, .user = std::move(user_id)},
                                  true);
  }
  Task<ErasureReport> erase_user(std::string user_id, Deadline deadline) override {
    const Unit unit{.core = core_.get(), .work = nullptr, .scope = scope_};
    return unit.run("erase_user", deadline, [user_id = std::move(user_id)](Statement& s) {
      check_user(user_id);
      (void)mock::owner_of(s.scope, user_id);
      return mock::erase_everything_of(s, user_id);
    });
  }

private:
  Task<void> look(std::string operation, Deadline deadline) {
    return mock::call(*core_, std::move(operation), deadline, [core = core_] {
      const std::scoped_lock lock(core->mutex);
      if (core->closed) throw Error(ErrorKind::closed, "the storage is closed");
    });
  }

  std::shared_ptr<Core> core_;
  Scope scope_;
  bool narrowed_;  // by for_tenant() or for_user()
  Set set_;
};

}  // namespace

struct MockStorage::State {
  explicit State(const MockOptions& options)
      : core(std::make_shared<Core>(options)),
        view(core,
             {.tenant = options.tenant_id.is_nil() ? PostgresOptions::default_tenant()
                                                   : options.tenant_id},
             false) {}
  std::shared_ptr<Core> core;  // shared with views and transactions
  View view;
};

MockStorage::MockStorage(MockOptions options) : state_(std::make_shared<State>(options)) {}
MockStorage::~MockStorage() = default;

ConversationRepository& MockStorage::conversations() {
  return state_->view.conversations();
}
MessageRepository& MockStorage::messages() {
  return state_->view.messages();
}
EmbeddingRepository& MockStorage::embeddings() {
  return state_->view.embeddings();
}
MemoryRepository& MockStorage::memories() {
  return state_->view.memories();
}
ToolRepository& MockStorage::tools() {
  return state_->view.tools();
}
ToolExecutionRepository& MockStorage::tool_executions() {
  return state_->view.tool_executions();
}
Task<void> MockStorage::connect(Deadline deadline) {
  return state_->view.connect(deadline);
}
Task<void> MockStorage::ping(Deadline deadline) {
  return state_->view.ping(deadline);
}
Task<std::unique_ptr<Transaction>> MockStorage::begin(pg::TransactionOptions options,
                                                      Deadline deadline) {
  return state_->view.begin(options, deadline);
}
Task<std::vector<schema::MigrationStep>> MockStorage::migrate(Deadline deadline) {
  return state_->view.migrate(deadline);
}
Task<std::vector<schema::MigrationStep>> MockStorage::migrate_down(int count, Deadline deadline) {
  return state_->view.migrate_down(count, deadline);
}
Task<Health> MockStorage::health(Deadline deadline) {
  return state_->view.health(deadline);
}
Metrics MockStorage::metrics() const {
  return state_->view.metrics();
}
std::unique_ptr<Storage> MockStorage::for_tenant(Uuid tenant_id) {
  return state_->view.for_tenant(tenant_id);
}
std::unique_ptr<Storage> MockStorage::for_user(std::string user_id) {
  return state_->view.for_user(std::move(user_id));
}
Task<ErasureReport> MockStorage::erase_user(std::string user_id, Deadline deadline) {
  return state_->view.erase_user(std::move(user_id), deadline);
}

void MockStorage::close() {
  const std::scoped_lock lock(state_->core->mutex);
  state_->core->closed = true;
}
void MockStorage::fail_next(std::string operation, Error error) {
  state_->core->calls.fail_next(std::move(operation), std::move(error));
}
void MockStorage::fail_after_next(std::string operation, Error error) {
  state_->core->calls.fail_after_next(std::move(operation), std::move(error));
}
void MockStorage::fail_nth(std::uint64_t n, Error error) {
  state_->core->calls.fail_nth(n, std::move(error));
}
void MockStorage::set_failure_rate(double rate) {
  state_->core->calls.set_failure_rate(rate);
}
std::vector<MockCall> MockStorage::calls() const {
  return state_->core->calls.made();
}
void MockStorage::clear_calls() {
  state_->core->calls.forget();
}

}  // namespace loci::storage
