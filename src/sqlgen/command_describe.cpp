#include "sqlgen/commands.hpp"
#include "sqlgen/compile_set.hpp"

#include <ostream>
#include <vector>

namespace loci::sqlgen {

Outcome describe(std::span<const QuerySet> sets, bool faults_as_json, std::ostream& out,
                 std::ostream& err) {
  Diagnostics all;
  std::vector<CompiledSet> compiled;
  for (const QuerySet& set : sets) {
    compiled.push_back(compile_set(read_set(set)));
    compiled.back().database.reset();  // one server at a time is enough
    for (const Diagnostic& diagnostic : compiled.back().diagnostics.all()) all.add(diagnostic);
  }
  if (all.empty()) {
    for (const CompiledSet& set : compiled) out << to_json(set.files, set.catalog) << '\n';
    return Outcome::ok;
  }
  if (faults_as_json) {
    out << to_json(all) << '\n';
  } else {
    for (const Diagnostic& diagnostic : all.all()) err << to_line(diagnostic) << '\n';
  }
  return Outcome::findings;
}

}  // namespace loci::sqlgen
