#pragma once
#include "sqlgen/diagnostic.hpp"
#include "sqlgen/query_text.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace loci::sqlgen {

struct NamedParameter {
  std::string name;
  bool nullable = false;   ///< Written as sqlc.narg(name) somewhere.
  std::size_t offset = 0;  ///< Of its first use, in the source.
  bool slice = false;      ///< Written as sqlc.slice(name) somewhere: must be an array.
};

/// A use of sqlc.embed(name), which stands in the SQL as `name.*` until its table is known.
struct EmbedUse {
  std::string name;        ///< As the catalog has it.
  std::string written;     ///< As SQL has it, perhaps in quotes.
  std::string alias;       ///< What stands behind AS, if anything; left out of the SQL.
  std::size_t begin = 0;   ///< In `sql`.
  std::size_t offset = 0;  ///< In the source.
};

/// A statement with $1, $2, ... in place of names, and the way back to the source.
struct RewrittenSql {
  /// A run of bytes, copied as it was or put in place of a name.
  struct Piece {
    std::size_t begin;   ///< In `sql`.
    std::size_t source;  ///< Where it came from.
    bool copied;
  };

  std::string sql;
  std::vector<NamedParameter> parameters;  ///< The first is $1.
  std::vector<Piece> pieces;
  std::vector<EmbedUse> embeds;  ///< In the order in which they stand.
  bool numbered = false;         ///< Written as $1, $2, ...

  /// Where in the source the byte at `offset` of `sql` came from.
  [[nodiscard]] std::size_t source_offset(std::size_t offset) const noexcept;
  /// The same for a character counted from 1, as the server counts; 0 gives the beginning.
  [[nodiscard]] std::size_t source_of_character(int position) const noexcept;
};

/// Replaces `@name`, `sqlc.arg(name)` and its kin by $1, $2, ... in the order they first appear;
/// the same name is the same number. `in (sqlc.slice(ids))` becomes `= any($1)`, `not in` becomes
/// `<> all($1)`, and sqlc.embed(t) becomes `t.*`. A statement may use $1, $2, ... instead of names,
/// never both; they are then called arg1, arg2, ... Faults are reported.
[[nodiscard]] RewrittenSql rewrite_parameters(const SourceFile& source, const QueryText& query,
                                              Diagnostics& diagnostics);

}  // namespace loci::sqlgen
