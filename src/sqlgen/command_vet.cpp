#include "sqlgen/commands.hpp"
#include "sqlgen/compile_set.hpp"
#include "sqlgen/vet/vet.hpp"

#include <loci/base/json_writer.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace loci::sqlgen {
namespace {

VetOptions vet_options(const Config& config, const QuerySet& set) {
  VetOptions options{.rules = set.rules, .large_tables = set.large_tables};
  for (const CustomRule& rule : config.rules) {
    // One in sqlc's expression language is nobody's business until the set names it.
    if (!rule.sql.empty() || std::ranges::contains(set.rules, rule.name)) {
      options.custom.push_back(rule);
    }
  }
  return options;
}

std::string json_of(const Diagnostics& faults, const VetReport& report) {
  JsonWriter out;
  const auto entry = [&](const Diagnostic& diagnostic) -> JsonWriter& {
    out.object().member("file").value(diagnostic.file);
    out.member("line").value(diagnostic.line);
    out.member("col").value(diagnostic.column);
    return out.member("message").value(diagnostic.message);
  };
  out.object().member("findings").array();
  for (const Finding& finding : report.findings) {
    entry(finding.diagnostic).member("rule").value(finding.rule).close();
  }
  out.close().member("notes").array();
  for (const std::string& note : report.notes) out.value(note);
  out.close().member("errors").array();
  for (const Diagnostic& fault : faults.all()) {
    entry(fault).member("sqlstate").value(fault.sqlstate).close();
  }
  out.close().close();
  return std::move(out).text();
}

}  // namespace

Outcome vet_queries(const Config& config, bool as_json, std::ostream& out, std::ostream& err) {
  Diagnostics faults;
  VetReport all;
  for (const QuerySet& set : config.sets) {
    CompiledSet compiled = compile_set(read_set(set));
    for (const Diagnostic& diagnostic : compiled.diagnostics.all()) faults.add(diagnostic);
    if (!compiled.database->complete()) continue;
    const VetReport report = vet(compiled.files, compiled.catalog, compiled.database->conninfo(),
                                 vet_options(config, set));
    all.findings.insert(all.findings.end(), report.findings.begin(), report.findings.end());
    all.notes.insert(all.notes.end(), report.notes.begin(), report.notes.end());
  }
  if (as_json) {
    out << json_of(faults, all) << '\n';
  } else {
    for (const Diagnostic& fault : faults.all()) err << to_line(fault) << '\n';
    for (const Finding& finding : all.findings) err << to_line(finding.diagnostic) << '\n';
    for (const std::string& note : all.notes) err << "note: " << note << '\n';
  }
  return faults.empty() && all.findings.empty() ? Outcome::ok : Outcome::findings;
}

}  // namespace loci::sqlgen
