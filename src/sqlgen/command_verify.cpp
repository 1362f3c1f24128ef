#include "sqlgen/commands.hpp"
#include "sqlgen/compile_set.hpp"
#include "sqlgen/git_files.hpp"
#include "sqlgen/one_file.hpp"
#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>

#include <ostream>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

/// The older queries of a set.
std::vector<SourceFile> older_queries(const QuerySet& set, bool alone, const fs::path& against,
                                      Diagnostics& diagnostics) {
  std::vector<SourceFile> files;
  const auto take = [&](std::vector<SourceFile> found) {
    files.insert(files.end(), std::make_move_iterator(found.begin()),
                 std::make_move_iterator(found.end()));
  };
  if (!fs::exists(against)) {
    for (const fs::path& path : set.queries) take(read_sources_of_commit(against.string(), path));
    return files;
  }
  for (const fs::path& path : set.queries) {
    const fs::path inside = against / path.lexically_normal();
    if (path.is_relative() && (is_pattern(inside) || fs::exists(inside))) {
      take(read_sources(inside, diagnostics));
    }
  }
  if (files.empty() && alone) take(read_sources(against, diagnostics));
  if (files.empty()) {
    throw Error(ErrorKind::configuration,
                against.string() +
                    " holds none of the older queries; it is their folder, or holds " +
                    set.queries.front().string());
  }
  return files;
}

}  // namespace

Outcome verify(std::span<const QuerySet> sets, const std::string& against, std::ostream& out,
               std::ostream& err) {
  std::size_t working = 0;
  std::size_t faults = 0;
  for (const QuerySet& set : sets) {
    SetSources sources = read_set(set);
    sources.queries = older_queries(set, sets.size() == 1, against, sources.diagnostics);
    if (is_one_file(set)) {
      for (SourceFile& file : sources.queries) file = queries_alone(file);
    }
    const CompiledSet compiled = compile_set(std::move(sources));
    for (const Diagnostic& diagnostic : compiled.diagnostics.all()) {
      err << to_line(diagnostic) << '\n';
      ++faults;
    }
    for (const QueryFile& file : compiled.files) working += file.queries.size();
  }
  out << against << ": " << working << (working == 1 ? " query" : " queries")
      << " can be prepared, " << faults << (faults == 1 ? " fault" : " faults") << '\n';
  return faults == 0 ? Outcome::ok : Outcome::findings;
}

}  // namespace loci::sqlgen
