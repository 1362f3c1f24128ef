#include "sqlgen/commands.hpp"

#include "sqlgen/compiler.hpp"
#include "sqlgen/output_folder.hpp"
#include "sqlgen/schema_database.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/source_files.hpp"

#include <array>
#include <ostream>

namespace loci::sqlgen {
namespace {

/// The queries with all that the server says of them.
struct Compiled {
  Diagnostics diagnostics;
  Catalog catalog;
  std::vector<QueryFile> files;
};

Compiled compile_all(const Inputs& inputs) {
  Compiled compiled;
  auto sources = read_sources(inputs.queries, compiled.diagnostics);
  SchemaDatabase database(read_schema(std::array{inputs.schema}, compiled.diagnostics),
                          compiled.diagnostics);
  // Against half a schema, every other message would be about what is missing in it.
  if (!database.complete()) return compiled;
  compiled.catalog = database.catalog();
  compiled.files = compile(std::move(sources), compiled.catalog, database, compiled.diagnostics);
  return compiled;
}

Outcome print_faults(const Diagnostics& diagnostics, std::ostream& err) {
  for (const Diagnostic& diagnostic : diagnostics.all()) err << to_line(diagnostic) << '\n';
  return Outcome::faults;
}

}  // namespace

Outcome generate(const GenerateOptions& options, std::ostream& err) {
  Compiled compiled = compile_all(options.inputs);
  check_cpp_types(compiled.files, compiled.catalog, compiled.diagnostics);
  if (!compiled.diagnostics.empty()) return print_faults(compiled.diagnostics, err);
  const auto files = emit(compiled.files, compiled.catalog, options.name_space);
  if (!options.check) {
    write(options.out, files);
    return Outcome::ok;
  }
  const auto stale = differences(options.out, files);
  for (const std::string& line : stale) err << line << '\n';
  if (stale.empty()) return Outcome::ok;
  err << "Run the same command without --check to bring them up to date.\n";
  return Outcome::faults;
}

Outcome describe(const Inputs& inputs, bool faults_as_json, std::ostream& out, std::ostream& err) {
  const Compiled compiled = compile_all(inputs);
  if (compiled.diagnostics.empty()) {
    out << to_json(compiled.files, compiled.catalog) << '\n';
    return Outcome::ok;
  }
  if (!faults_as_json) return print_faults(compiled.diagnostics, err);
  out << to_json(compiled.diagnostics) << '\n';
  return Outcome::faults;
}

}  // namespace loci::sqlgen
