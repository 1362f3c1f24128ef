#pragma once
#include "schema/sql_lexer.hpp"
#include "sqlgen/diagnostic.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// What `:one`, `:many`, ... ask for.
enum class Command : std::uint8_t {
  one,
  many,
  exec,
  execrows,
  execresult,
  batchexec,
  batchone,
  batchmany,
  copyfrom,
};

[[nodiscard]] std::string_view to_string(Command command) noexcept;  ///< Without the colon.
[[nodiscard]] constexpr bool gives_rows(Command command) noexcept {
  return command == Command::one || command == Command::many || command == Command::batchone ||
         command == Command::batchmany;
}
[[nodiscard]] constexpr bool runs_in_batches(Command command) noexcept {
  return command == Command::batchexec || command == Command::batchone ||
         command == Command::batchmany;
}

/// A query as it stands in its file, before anything is known of its types.
struct QueryText {
  std::string name;  ///< As it is written; its struct is camel_case(name).
  Command command = Command::one;
  std::size_t offset = 0;        ///< Of its `-- name:` line.
  std::vector<std::string> doc;  ///< Lines of the comments around that line.
  std::vector<std::string>
      nullable_elements;                 ///< Parameters named by `-- nullable elements: a, b`.
  std::vector<schema::SqlToken> tokens;  ///< Its statement; views into the source.
};

/// Whether it is a comment that begins a query: `-- name: ...`.
[[nodiscard]] bool is_annotation(const schema::SqlToken& token);

/// Finds the queries of a file. The source must outlive what is returned.
///
/// A query begins with `-- name: GetUser :one` (or the same in a block comment) and holds one
/// statement. Comments directly above that line, and between it and the SQL, document the query.
/// Queries with faults are left out and reported.
[[nodiscard]] std::vector<QueryText> parse_queries(const SourceFile& source,
                                                   Diagnostics& diagnostics);

}  // namespace loci::sqlgen
