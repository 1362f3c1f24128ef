#include "sqlgen/commands.hpp"

#include "sqlgen/compile_set.hpp"
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/fingerprint.hpp"
#include "sqlgen/header.hpp"
#include "sqlgen/output_folder.hpp"
#include "sqlgen/source_files.hpp"
#include "sqlgen/unified_diff.hpp"

#include <algorithm>
#include <ostream>
#include <set>
#include <utility>

namespace loci::sqlgen {
namespace {

Outcome worse(Outcome a, Outcome b) {
  return std::max(a, b);
}

Outcome print_faults(const Diagnostics& diagnostics, std::ostream& err) {
  for (const Diagnostic& diagnostic : diagnostics.all()) err << to_line(diagnostic) << '\n';
  return Outcome::findings;
}

void print_notes(const QuerySet& set, const Catalog& catalog, std::ostream& err) {
  for (const std::string& why : idle_overrides(catalog, set.emit)) {
    err << "note: an override is of no use: " << why << '\n';
  }
}

/// What a set may give, whatever is in its files.
std::set<std::string> possible_headers(const QuerySet& set, std::span<const SourceFile> queries) {
  std::set<std::string> names = {"models.hpp"};
  if (set.emit.emit_interface) names.insert("querier.hpp");
  for (const SourceFile& file : queries) {
    names.insert(std::filesystem::path(file.name).replace_extension(".hpp").string());
  }
  return names;
}

void add_empty_headers(const std::set<std::string>& names, std::vector<EmittedFile>& files) {
  for (const std::string& name : names) {
    if (std::ranges::contains(files, name, &EmittedFile::name)) continue;
    files.push_back(
        {name, std::string(generated_mark) + ". There is nothing to declare.\n#pragma once\n"});
  }
}

void print_difference(const Difference& difference, std::ostream& out) {
  const std::string path = difference.path.string();
  out << unified_diff(difference.present ? path : "/dev/null", difference.present.value_or(""),
                      difference.wanted ? path : "/dev/null", difference.wanted.value_or(""));
}

Outcome generate_set(const QuerySet& set, const GenerateOptions& options, std::ostream& out,
                     std::ostream& err) {
  using Mode = GenerateOptions::Mode;
  SetSources sources = read_set(set);
  if (options.cached && sources.diagnostics.empty() &&
      is_remembered(set.out, fingerprint(set, sources, options.every_header))) {
    return Outcome::ok;
  }
  const SetSources kept = sources;  // for the fingerprint of what is written
  CompiledSet compiled = compile_set(std::move(sources));
  check_cpp_types(compiled.files, compiled.catalog, set.emit, compiled.diagnostics);
  if (!compiled.diagnostics.empty()) return print_faults(compiled.diagnostics, err);
  print_notes(set, compiled.catalog, err);
  auto files = emit(compiled.files, compiled.catalog, set.emit);
  if (options.every_header) add_empty_headers(possible_headers(set, kept.queries), files);

  const auto stale = differences(set.out, files);
  if (options.mode == Mode::write) write(set.out, files);
  if (options.mode == Mode::check) {
    for (const Difference& difference : stale) err << to_line(difference) << '\n';
  }
  if (options.mode == Mode::diff) {
    for (const Difference& difference : stale) print_difference(difference, out);
  }
  if (options.mode != Mode::write && !stale.empty()) return Outcome::findings;
  if (options.cached) remember(set.out, fingerprint(set, kept, options.every_header));
  return Outcome::ok;
}

}  // namespace

Outcome generate(std::span<const QuerySet> sets, const GenerateOptions& options, std::ostream& out,
                 std::ostream& err) {
  Outcome outcome = Outcome::ok;
  for (const QuerySet& set : sets) outcome = worse(outcome, generate_set(set, options, out, err));
  return outcome;
}

Outcome check_queries(std::span<const QuerySet> sets, std::ostream& err) {
  Outcome outcome = Outcome::ok;
  for (const QuerySet& set : sets) {
    CompiledSet compiled = compile_set(read_set(set));
    check_cpp_types(compiled.files, compiled.catalog, set.emit, compiled.diagnostics);
    if (compiled.diagnostics.empty()) {
      print_notes(set, compiled.catalog, err);
    } else {
      outcome = print_faults(compiled.diagnostics, err);
    }
  }
  return outcome;
}

void list_files(std::span<const QuerySet> sets, std::ostream& out) {
  const auto absolute = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
  };
  Diagnostics diagnostics;  // for the run that reads the files to compile them
  for (const QuerySet& set : sets) {
    for (const auto& path : set.schema) out << "schema " << absolute(path) << '\n';
    for (const auto& path : set.queries) out << "queries " << absolute(path) << '\n';
    out << "out " << absolute(set.out) << '\n';
    for (const std::string& name : possible_headers(set, read_queries(set, diagnostics))) {
      out << "header " << absolute(set.out / name) << '\n';
    }
  }
}

}  // namespace loci::sqlgen
