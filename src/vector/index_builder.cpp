#include "vector/index_builder.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/quote.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <format>

#include "queries/vectors.hpp"
#include "vector/index_columns.hpp"

namespace loci::vector {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds k_look_every{200};

storage::Task<void> watch(storage::PostgresStorage& storage, const OptimizerOptions& options,
                          std::string name, std::string step) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!options.cancelled || !options.cancelled()) {
    timer.expires_after(k_look_every);
    co_await timer.async_wait(asio::use_awaitable);
    const auto seen = co_await storage.pool().run(queries::VectorIndexProgress{.name = name},
                                                  storage::default_deadline());
    if (seen && options.on_progress) {
      options.on_progress({.step = step,
                           .done = static_cast<std::uint64_t>(seen->done),
                           .total = static_cast<std::uint64_t>(seen->total)});
    }
  }
}

queries::AddVectorIndex insertion(std::int32_t model_id, const IndexConfig& config) {
  queries::AddVectorIndex add;
  add.model_id = model_id;
  set_index_columns(add, config);
  add.effort = config.effort;
  return add;
}

storage::Task<void> drop_index(storage::PostgresStorage& storage, IndexSession& session,
                               std::int32_t id, std::string name) {
  co_await session.run("drop index concurrently if exists " + pg::quote_identifier(name));
  co_await storage.pool().run(queries::ForgetVectorIndex{.id = id}, storage::default_deadline());
}

// A failure as a value: beside it, the watch would be waited for.
storage::Task<std::exception_ptr> outcome_of(storage::Task<void> work) {
  try {
    co_await std::move(work);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

}  // namespace

void check_cancelled(const OptimizerOptions& options) {
  if (options.cancelled && options.cancelled()) {
    throw Error(ErrorKind::cancelled,
                "the work on the index was cancelled; what served it still does");
  }
}

storage::Task<std::int32_t> drop_idle(storage::PostgresStorage& storage, IndexSession& session,
                                      std::int32_t model_id) {
  std::int32_t dropped = 0;
  for (auto& idle : co_await storage.pool().run(
           queries::ListIdleVectorIndexes{.model_id = model_id}, storage::default_deadline())) {
    co_await drop_index(storage, session, idle.id, std::move(idle.name));
    ++dropped;
  }
  co_return dropped;
}

storage::Task<std::int32_t> build_index(storage::PostgresStorage& storage, IndexSession& session,
                                        const OptimizerOptions& options, std::int32_t model_id,
                                        IndexConfig config, std::uint64_t memory,
                                        std::int64_t rows) {
  using namespace asio::experimental::awaitable_operators;
  pg::Pool& pool = storage.pool();
  const auto made =
      (co_await pool.run(insertion(model_id, config), storage::default_deadline())).value();
  const auto ddl = (co_await pool.run(queries::VectorIndexDefinition{.id = made.id},
                                      storage::default_deadline()))
                       .value()
                       .ddl;
  co_await session.run(std::format("set maintenance_work_mem = '{} kB'", memory / 1024));
  const auto began = std::chrono::steady_clock::now();
  const auto first = co_await (outcome_of(session.run(ddl)) ||
                               watch(storage, options, made.name, "building " + describe(config)));
  std::exception_ptr failure = first.index() == 0 ? std::get<0>(first) : nullptr;
  const bool given_up = first.index() == 1;
  if (failure || given_up) {
    // A session that was cut off is fit for nothing more; the lock goes with it, and is taken anew.
    co_await session.reconnect();
    co_await drop_index(storage, session, made.id, made.name);
    if (failure) std::rethrow_exception(failure);
    check_cancelled(options);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  co_await pool.run(
      queries::FinishVectorIndex{
          .rows_at_build = rows, .build_seconds = took.count(), .id = made.id},
      storage::default_deadline());
  co_return made.id;
}

}  // namespace loci::vector
