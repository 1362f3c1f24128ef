// loci migrate lint
#include "migrate_lint.hpp"

#include <loci/base/json_writer.hpp>
#include <loci/schema/lint.hpp>

#include <cstdio>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

std::string footer() {
  std::string text = "\nRules:\n";
  for (const schema::LintRule& rule : schema::lint_rules()) {
    std::string name(rule.name);
    name.resize(std::max<std::size_t>(name.size(), 20), ' ');
    text.append("  ").append(name).append(" ").append(rule.warns).append("\n");
  }
  return text +
         "\nA comment before a statement, or behind it on its line, silences one rule for it:\n"
         "  -- loci: allow drop-column nobody reads it since 2.3\n\n"
         "Exit status: 0 nothing found, 3 something found.";
}

void print_json(const std::vector<schema::LintFinding>& findings) {
  JsonWriter out;
  out.array();
  for (const schema::LintFinding& finding : findings) {
    out.object().member("rule").value(finding.rule).member("file").value(finding.file);
    out.member("line").value(finding.line).member("column").value(finding.column);
    out.member("message").value(finding.message).member("remedy").value(finding.remedy).close();
  }
  std::puts(out.close().text().c_str());
}

void print_text(const std::vector<schema::LintFinding>& findings) {
  for (const schema::LintFinding& finding : findings) {
    std::printf("%s:%d: %s [%s]\n  %s\n", printable(finding.file).c_str(), finding.line,
                printable(finding.message).c_str(), finding.rule.c_str(),
                printable(finding.remedy).c_str());
  }
  if (findings.empty()) std::puts("Nothing found.");
}

}  // namespace

void add_lint_command(CLI::App& migrate, const GlobalOptions& options,
                      std::function<std::vector<schema::Migration>()> read, int& exit_code) {
  CLI::App* lint = migrate.add_subcommand(
      "lint", "Warn of what would lock or rewrite tables of a busy database, and say what to do");
  lint->fallthrough();
  lint->footer(footer());
  const auto from = std::make_shared<std::int64_t>(0);
  lint->add_option("--from", *from,
                   "Only from this version on; the earlier ones still count as "
                   "having run")
      ->check(CLI::NonNegativeNumber);
  lint->callback([&options, read = std::move(read), from, &exit_code] {
    const auto findings = schema::lint(read(), *from);
    if (options.json) {
      print_json(findings);
    } else {
      print_text(findings);
    }
    if (!findings.empty()) exit_code = k_exit_faults;
  });
}

}  // namespace loci::app
