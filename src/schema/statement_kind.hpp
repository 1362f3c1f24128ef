#pragma once
#include "schema/statement_reader.hpp"

#include <cstdint>

namespace loci::schema {

/// What a statement does about transactions.
enum class TransactionWord : std::uint8_t { none, begin, commit, rollback };
[[nodiscard]] TransactionWord transaction_word(StatementReader statement);

/// What a statement does to the session that runs it, beyond its transaction.
enum class SessionWord : std::uint8_t {
  none,
  setting,       ///< SET, RESET or `select set_config(...)` and nothing else: may run again.
  role,          ///< SET ROLE, SET SESSION AUTHORIZATION.
  lets_lock_go,  ///< DISCARD ALL, pg_advisory_unlock_all(): the migrator would lose its lock.
};
[[nodiscard]] SessionWord session_word(StatementReader statement);

/// A statement that cannot run in a transaction, and what it makes or takes away.
struct LoneStatement {
  enum class Kind : std::uint8_t {
    create_index,
    drop_index,
    reindex_index,
    reindex_table,
    reindex_schema,
    reindex_database,  ///< Or its system catalogs.
    create_database,
    drop_database,
    create_tablespace,
    drop_tablespace,
    create_subscription,
    drop_subscription,
    detach_partition,
    end_prepared,     ///< COMMIT PREPARED, ROLLBACK PREPARED: `name` is the transaction's.
    add_publication,  ///< ALTER SUBSCRIPTION ... ADD or DROP PUBLICATION: fails the second time.
    other,            ///< May run twice: VACUUM, ALTER SYSTEM, CLUSTER, ...
  } kind = Kind::other;
  std::optional<SqlName> name = {};   ///< Nothing where the statement names none.
  std::optional<SqlName> table = {};  ///< Of create_index; the parent of detach_partition.
};

/// Nothing for a statement that may run in a transaction.
[[nodiscard]] std::optional<LoneStatement> lone_statement(StatementReader statement);

}  // namespace loci::schema
