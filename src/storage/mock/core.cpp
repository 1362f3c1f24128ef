#include "storage/mock/core.hpp"

#include <chrono>
#include <exception>

#include "storage/mock/waiting.hpp"

namespace loci::storage::mock {

namespace {

// How often a call looks whether the transaction that stands in its way is over.
constexpr std::chrono::milliseconds k_look_again{1};

// Tells the records of a call how it ended.
class Watch {
public:
  Watch(Calls& calls, std::string operation) : calls_(calls), operation_(std::move(operation)) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { calls_.end(operation_, Deadline::Clock::now() - begun_, !succeeded_); }
  void succeeded() { succeeded_ = true; }

private:
  Calls& calls_;
  std::string operation_;
  Deadline::Clock::time_point begun_ = Deadline::Clock::now();
  bool succeeded_ = false;
};

// Whether nothing was sent, or what was sent was undone by itself.
bool leaves_transaction(const Error& error) {
  return error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::conflict ||
         dynamic_cast<const BatchError*>(&error) != nullptr;
}

}  // namespace

Core::Core(const MockOptions& options)
    : calls(options),
      clock(options.clock ? options.clock : [] { return loci::now(); }),
      cursor_key("mock " + std::to_string(options.seed)) {}

Task<void> Unit::perform(Unit unit, std::string operation, Deadline deadline, Erased body) {
  Core& core = *unit.core;
  Watch watch(core.calls, operation);
  try {
    const std::optional<Error> late = co_await core.calls.begin(operation, deadline);
    while (!unit.attempt(body)) {
      if (co_await wait_for(k_look_again, deadline)) continue;
      throw Error(ErrorKind::timeout, operation + " waited for another transaction");
    }
    if (late) throw Error(*late);
  } catch (const Error& error) {
    if (unit.work == nullptr || leaves_transaction(error)) throw;
    const std::scoped_lock lock(core.mutex);
    unit.work->fail();
    throw;
  }
  watch.succeeded();
}

bool Unit::attempt(const Erased& body) const {
  const std::scoped_lock lock(core->mutex);
  if (work != nullptr) return attempt_in(*work, body);
  if (core->closed) throw Error(ErrorKind::closed, "the storage is closed");
  Work alone(core->rows, {});
  if (!attempt_in(alone, body)) return false;
  alone.commit();
  return true;
}

bool Unit::attempt_in(Work& transaction, const Erased& body) const {
  if (transaction.over()) throw Error(ErrorKind::closed, "the transaction is over");
  if (transaction.failed()) {
    throw server_error("25P02", "current transaction is aborted, commands ignored until rollback");
  }
  transaction.begin_statement();
  const std::size_t mark = transaction.mark();
  return transaction.all_or_none([&] {
    Statement statement{transaction, scope, core->clock(), core->cursor_key};
    body(statement);
    if (transaction.claim(mark)) return true;
    if (transaction.deadlocked()) throw server_error("40P01", "deadlock detected");
    transaction.undo_to(mark);
    return false;
  });
}

Task<void> call(Core& core, std::string operation, Deadline deadline, std::function<void()> body) {
  Watch watch(core.calls, operation);
  const std::optional<Error> late = co_await core.calls.begin(std::move(operation), deadline);
  body();
  if (late) throw Error(*late);
  watch.succeeded();
}

}  // namespace loci::storage::mock
