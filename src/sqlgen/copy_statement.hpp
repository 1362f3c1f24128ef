#pragma once
#include "schema/sql_lexer.hpp"

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// What a `:copyfrom` query asks for.
struct CopyStatement {
  std::string sql;                      ///< `copy users (id, name) from stdin (format binary)`
  std::vector<std::size_t> parameters;  ///< For each column the number of its parameter, from 0.
};

/// Why an INSERT is no COPY, and where.
struct NoCopy {
  std::size_t offset;  ///< In the statement.
  std::string message;
};

/// Reads `insert into table (columns) values ($1, ...)`: one row, whose values are parameters, each
/// once. `tokens` is the statement with its parameters numbered.
[[nodiscard]] std::expected<CopyStatement, NoCopy> copy_statement(
    std::span<const schema::SqlToken> tokens);

}  // namespace loci::sqlgen
