// Any text as a file of queries: annotations, names and macros are found or reported, each place
// lies in the file, and the statement can be given to the parser.
#include <loci/base/text.hpp>

#include <cstdint>
#include <string>

#include "sqlgen/parameters.hpp"
#include "sqlgen/parse_tree.hpp"
#include "sqlgen/vet/allowances.hpp"
#include "sqlgen/vet/statement_rules.hpp"

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void rewrite(const loci::sqlgen::SourceFile& source, const loci::sqlgen::QueryText& query) {
  loci::sqlgen::Diagnostics faults;
  const auto rewritten = loci::sqlgen::rewrite_parameters(source, query, faults);
  for (std::size_t i = 0; i <= rewritten.sql.size(); ++i) {
    require(rewritten.source_offset(i) <= source.text.size());
  }
  for (const auto& parameter : rewritten.parameters) {
    require(!parameter.name.empty() && parameter.offset < source.text.size());
  }
  const auto tree = loci::sqlgen::ParseTree::parse(rewritten.sql);
  if (!tree) return;
  (void)loci::sqlgen::selects_star(*tree);
  (void)loci::sqlgen::lacks_where(*tree);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const loci::sqlgen::SourceFile source{"fuzz.sql", "fuzz.sql",
                                        std::string(reinterpret_cast<const char*>(data), size)};
  if (!loci::is_storable(source.text)) return 0;  // As read_sources() refuses it.
  loci::sqlgen::Diagnostics faults;
  for (const auto& query : loci::sqlgen::parse_queries(source, faults)) {
    require(!query.name.empty() && !query.tokens.empty() && query.offset < size);
    (void)loci::sqlgen::read_allowances(query.doc, {"no-select-star"});
    rewrite(source, query);
  }
  for (const auto& fault : faults.all()) require(fault.line > 0 && fault.column > 0);
  return 0;
}
