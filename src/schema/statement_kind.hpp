#pragma once
#include "schema/statement_reader.hpp"

#include <cstdint>

namespace loci::schema {

/// What a statement does about transactions.
enum class TransactionWord : std::uint8_t { none, begin, commit, rollback };
[[nodiscard]] TransactionWord transaction_word(StatementReader statement);

/// A statement that cannot run in a transaction, and what it makes or takes away.
struct LoneStatement {
  enum class Kind : std::uint8_t {
    create_index,
    drop_index,
    reindex,
    create_database,
    drop_database,
    create_tablespace,
    drop_tablespace,
    create_subscription,
    drop_subscription,
    detach_partition,
    other,  ///< May run twice: VACUUM, ALTER SYSTEM, CLUSTER, ...
  } kind = Kind::other;
  std::optional<SqlName> name = {};   ///< Nothing where the statement names none.
  std::optional<SqlName> table = {};  ///< Of create_index; the parent of detach_partition.
};

/// Nothing for a statement that may run in a transaction.
[[nodiscard]] std::optional<LoneStatement> lone_statement(StatementReader statement);

}  // namespace loci::schema
