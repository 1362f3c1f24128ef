#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/copy_statement.hpp"
#include "sqlgen/query_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::sqlgen {

struct Parameter {
  std::string name;
  std::uint32_t type = 0;
  bool nullable = false;
  bool nullable_elements = false;  ///< Of an array.
  std::size_t offset = 0;          ///< Of its first use, in the source.
  std::uint32_t table = 0;         ///< Of the column it is compared with or put into; 0: none.
  std::int16_t table_column = 0;
};

struct Column {
  std::string name;  ///< Without the `!` or `?` that decided its nullability.
  std::uint32_t type = 0;
  bool nullable = true;
  std::uint32_t table = 0;  ///< 0: an expression.
  std::int16_t table_column = 0;
  std::string embed = {};  ///< What sqlc.embed() named, when it came from there.
};

/// The columns that came from one sqlc.embed(): a member of the row that is the table's struct.
struct Embed {
  std::string name;      ///< As sqlc.embed() named it, a table or an alias; or what AS gave it.
  bool renamed = false;  ///< By AS.
  std::uint32_t table = 0;
  std::size_t first = 0;  ///< Its columns among the query's.
  std::size_t count = 0;
  /// There may be no row of it: a NOT NULL column of the table may be NULL here. A table without
  /// NOT NULL columns is never nullable as a whole: its members are, one by one.
  bool nullable = false;
  std::size_t witness =
      0;  ///< The first NOT NULL column, when nullable: NULL where there is no row.
};

/// A query of which everything is known: what the emitter and `describe` print.
struct Query {
  std::string name;  ///< As it is written; its struct is camel_case(name).
  Command command = Command::one;
  std::vector<std::string> doc;
  std::string sql;  ///< With $1, $2, ...
  bool shared_lane = false;
  std::vector<Parameter> parameters;
  std::vector<Column> columns;        ///< Empty unless gives_rows(command).
  std::vector<Embed> embeds;          ///< In order of their columns.
  std::optional<CopyStatement> copy;  ///< Of :copyfrom: what runs in place of `sql`.
  std::size_t offset = 0;             ///< Of its `-- name:` line.
};

/// Asks the server about one query and decides what may be NULL. Faults are reported; none is found
/// twice. Errors: what `describer` throws that is not the server refusing the statement.
[[nodiscard]] std::optional<Query> analyse(const SourceFile& source, const QueryText& text,
                                           const Catalog& catalog, Describer& describer,
                                           Diagnostics& diagnostics);

}  // namespace loci::sqlgen
