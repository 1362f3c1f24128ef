#pragma once
#include <set>
#include <string>
#include <vector>

#include "sqlgen/query.hpp"
#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen {

/// How the server would run a query whatever its parameters, as EXPLAIN's JSON; empty when it says
/// nothing of it. Sequential scans are made as dear as they can be: an empty table's plan would
/// have them everywhere, and so what is left of them is what no index can serve.
[[nodiscard]] std::string plan_of(TextSession& session, const Query& query);

/// `schema.table` of those of `names` (with their partitions), and of those of at least `rows` rows
/// by the server's statistics. A name that is no table's is left in `unknown`.
[[nodiscard]] std::set<std::string> large_tables(TextSession& session,
                                                 const std::vector<std::string>& names, double rows,
                                                 std::vector<std::string>& unknown);

/// The tables among `large` that a plan reads from end to end, through an index or not.
[[nodiscard]] std::set<std::string> tables_read_whole(const std::string& plan,
                                                      const std::set<std::string>& large);

}  // namespace loci::sqlgen
