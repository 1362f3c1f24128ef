#include "vector/index_session.hpp"

#include <loci/base/error.hpp>
#include <loci/base/version.hpp>
#include <loci/pg/pgvector.hpp>

#include <chrono>
#include <format>

#include "pg/connection.hpp"
#include "pg/retry_pause.hpp"
#include "queries/vectors.hpp"

namespace loci::vector {

namespace {

constexpr auto k_patience = std::chrono::seconds(60);
constexpr auto k_pause = std::chrono::milliseconds(100);

}  // namespace

IndexSession::~IndexSession() {
  if (lease_) lease_->connection().abandon();
}

// False: somebody else has the lock.
storage::Task<bool> IndexSession::connect() {
  const Deadline soon = storage::default_deadline();
  if (lease_) lease_->connection().abandon();
  lease_ = std::make_unique<pg::Lease>(co_await storage_->pool().acquire(soon));
  const auto [version, lock] = co_await lease_->pipeline(
      soon, queries::PgvectorVersion{}, queries::TryIndexLock{.model_id = model_id_});
  if (!lock.value().locked) co_return false;
  // What is built for nobody, when this process is gone, ends within a second.
  std::string settings =
      "set statement_timeout = 0; set lock_timeout = '30s'; "
      "set client_connection_check_interval = '1s'";
  const Version pgvector =
      (version ? Version::parse(version->version) : std::nullopt).value_or(Version{});
  if (!pg::may_build_hnsw_in_parallel(pgvector))
    settings += "; set max_parallel_maintenance_workers = 0";
  may_vacuum_ = pgvector >= pg::k_hnsw_vacuum_mended;
  co_await lease_->script(std::move(settings), "settings", soon);
  co_return true;
}

storage::Task<IndexSession> IndexSession::open(storage::PostgresStorage& storage,
                                               std::int32_t model_id) {
  IndexSession session(storage, model_id);
  if (!co_await session.connect()) {
    throw Error(ErrorKind::configuration,
                std::format("somebody else is working on the index of embedding model {}: wait "
                            "until that is done",
                            model_id));
  }
  co_return session;
}

storage::Task<void> IndexSession::reconnect() {
  const Deadline deadline = Deadline::after(k_patience);
  while (!co_await connect()) {
    if (!co_await pg::pause_for(k_pause, deadline)) {
      throw Error(ErrorKind::timeout, "the server does not end what was building an index");
    }
  }
}

storage::Task<void> IndexSession::run(std::string ddl) {
  co_await lease_->script(std::move(ddl), "vector index", Deadline::never());
}

}  // namespace loci::vector
