#include "storage/postgres_view.hpp"

#include "storage/postgres_transaction.hpp"

namespace loci::storage {

PostgresView::PostgresView(PostgresStorage& storage, const Unit& beneath, Uuid tenant_id,
                           std::optional<std::string> user_id)
    : storage_(storage),
      beneath_(beneath),
      tenant_id_(tenant_id),
      set_(narrowed(beneath, std::move(user_id))) {
  if (set_.unit.user_id) check_user(*set_.unit.user_id);
}

Unit PostgresView::narrowed(const Unit& beneath, std::optional<std::string> user_id) {
  Unit unit = beneath;
  unit.user_id = std::move(user_id);
  if (tenant_id_ == beneath.tenant_id) return unit;  // the connections' own
  unit.tenant_id = tenant_id_;
  unit.settings = std::make_shared<const std::map<std::string, std::string>>(
      std::map<std::string, std::string>{{"loci.tenant_id", tenant_id_.str()}});
  unit.session =
      &scoped_.emplace(*beneath.session, pg::ScopedSession::Inside::pool, *unit.settings);
  return unit;
}

Task<std::unique_ptr<Transaction>> PostgresView::begin(pg::TransactionOptions options,
                                                       Deadline deadline) {
  return begin_transaction(set_.unit, options, deadline);
}

Task<std::vector<schema::MigrationStep>> PostgresView::migrate(Deadline /*deadline*/) {
  refuse_migration_by_view();
  co_return std::vector<schema::MigrationStep>();
}

Task<std::vector<schema::MigrationStep>> PostgresView::migrate_down(int /*count*/,
                                                                    Deadline /*deadline*/) {
  refuse_migration_by_view();
  co_return std::vector<schema::MigrationStep>();
}

std::unique_ptr<Storage> PostgresView::for_tenant(Uuid tenant_id) {
  require_no_wider(set_.unit.user_id, std::nullopt);
  return storage_.for_tenant(tenant_id);
}

std::unique_ptr<Storage> PostgresView::for_user(std::string user_id) {
  require_no_wider(set_.unit.user_id, user_id);
  return std::make_unique<PostgresView>(storage_, beneath_, tenant_id_, std::move(user_id));
}

Task<ErasureReport> PostgresView::erase_user(std::string user_id, Deadline deadline) {
  return storage::erase_user(set_.unit, std::move(user_id), deadline);
}

}  // namespace loci::storage
