#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/parameters.hpp"
#include "sqlgen/query.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// Why a sqlc.embed() cannot be, and where.
struct EmbedFault {
  std::size_t offset = 0;  ///< In the source.
  std::string message;
};

/// The embeds of a statement, in the select list or RETURNING of its outermost part.
class Embeds {
public:
  /// Finds their tables and writes the columns in place of `name.*`, so that a column added to the
  /// table later changes nothing for code that is generated already.
  [[nodiscard]] static std::expected<Embeds, EmbedFault> expand(RewrittenSql& rewritten,
                                                                const Catalog& catalog);

  /// Marks the columns that came from them and adds them to the query, once its columns are known.
  void place(Query& query, const Catalog& catalog) const;

private:
  struct Found {
    std::string name;
    std::string alias;
    std::uint32_t table = 0;
    std::size_t columns = 0;       ///< How many the table has.
    std::size_t items_before = 0;  ///< Columns of the list before it, those of a `*` left out.
    bool after_star = false;
  };
  std::vector<Found> found_;
  std::size_t counted_ = 0;  ///< Columns of the whole list, those of a `*` left out.
};

}  // namespace loci::sqlgen
