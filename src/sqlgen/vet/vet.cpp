#include "sqlgen/vet/vet.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "sqlgen/vet/allowances.hpp"
#include "sqlgen/vet/custom_rules.hpp"
#include "sqlgen/vet/plans.hpp"
#include "sqlgen/vet/statement_rules.hpp"

namespace loci::sqlgen {
namespace {

constexpr const char* star_rule = "no-select-star";
constexpr const char* where_rule = "no-missing-where";
constexpr const char* scan_rule = "no-sequential-scan";
constexpr const char* sound_rule = "sound-nullability";
/// sqlc's rule that each query can be prepared: those that cannot never come as far as here.
constexpr const char* prepare_rule = "sqlc/db-prepare";

class Vet {
public:
  Vet(const std::vector<QueryFile>& files, const Catalog& catalog, const std::string& conninfo,
      const VetOptions& options)
      : files_(files), catalog_(catalog), conninfo_(conninfo), options_(options) {
    known_ = built_in_rules();
    for (const CustomRule& rule : options.custom) known_.push_back(rule.name);
    for (const std::string& rule : options.rules) {
      if (rule == prepare_rule || std::ranges::contains(known_, rule)) continue;
      throw Error(ErrorKind::configuration, "`" + rule + "` is no rule of vet");
    }
  }

  VetReport run() {
    for_each_query([&](const QueryFile& file, const Query& query) {
      read_comments(file, query);
      check_statement(file, query);
    });
    check_plans();
    check_soundness_of_all();
    const auto place = [](const Finding& finding) {
      const Diagnostic& at = finding.diagnostic;
      return std::tie(at.file, at.line, at.column, finding.rule, at.message);
    };
    std::ranges::sort(report_.findings, {}, place);
    return std::move(report_);
  }

private:
  template <class Visit>
  void for_each_query(Visit visit) const {
    for (const QueryFile& file : files_) {
      for (const Query& query : file.queries) visit(file, query);
    }
  }

  bool wants(const std::string& rule) const {
    return options_.rules.empty() || std::ranges::contains(options_.rules, rule);
  }

  void find(const std::string& rule, const QueryFile& file, const Query& query,
            const std::string& message) {
    if (allowed_[&query].allow(rule)) return;
    Diagnostics one;
    one.add(file.source, query.offset, query.name + ": " + message + " [" + rule + "]");
    report_.findings.push_back({rule, one.all().front()});
  }

  void read_comments(const QueryFile& file, const Query& query) {
    const Allowances& read = allowed_[&query] = read_allowances(query.doc, known_);
    for (const std::string& fault : read.faults) find("allow", file, query, fault);
  }

  void check_statement(const QueryFile& file, const Query& query) {
    if (query.command == Command::copyfrom) return;
    const auto tree = ParseTree::parse(query.sql);
    if (!tree) return;  // It was prepared; it is only too large for us.
    if (const auto fault = selects_star(*tree); fault && wants(star_rule)) {
      find(star_rule, file, query, *fault);
    }
    if (const auto fault = lacks_where(*tree); fault && wants(where_rule)) {
      find(where_rule, file, query, *fault);
    }
  }

  void check_plans() {
    bool any_custom = false;
    for (const CustomRule& rule : options_.custom) {
      if (!wants(rule.name)) continue;
      any_custom = any_custom || !rule.sql.empty();
      if (!rule.sql.empty()) continue;
      report_.notes.push_back("CEL rule " + rule.name +
                              " not run: loci-sqlgen wants a SELECT, as `sql`");
    }
    if (!wants(scan_rule) && !any_custom) return;
    TextSession session(conninfo_, options_.soundness.statement_timeout);
    std::vector<std::string> plans;
    for_each_query([&](const QueryFile&, const Query& query) {
      plans.push_back(query.command == Command::copyfrom ? "" : plan_of(session, query));
    });
    if (wants(scan_rule)) check_scans(session, plans);
    if (!any_custom) return;
    CustomRules rules(session, files_, catalog_, plans);
    for (const CustomRule& rule : options_.custom) {
      if (wants(rule.name) && !rule.sql.empty()) check_custom(rules, rule);
    }
  }

  void check_scans(TextSession& session, const std::vector<std::string>& plans) {
    std::vector<std::string> unknown;
    const std::set<std::string> large =
        large_tables(session, options_.large_tables, options_.large_rows, unknown);
    for (const std::string& name : unknown) {
      report_.notes.push_back("there is no table " + name + ", which is called large");
    }
    auto plan = plans.begin();
    for_each_query([&](const QueryFile& file, const Query& query) {
      for (const std::string& table : tables_read_whole(*plan, large)) {
        find(scan_rule, file, query, "reads all of " + table + ", as no index serves it");
      }
      ++plan;
    });
  }

  void check_custom(CustomRules& rules, const CustomRule& rule) {
    for (const CustomFinding& found : rules.run(rule)) {
      for_each_query([&](const QueryFile& file, const Query& query) {
        if (query.name == found.query) find(rule.name, file, query, found.message);
      });
    }
  }

  void check_soundness_of_all() {
    if (!wants(sound_rule)) return;
    if (!options_.may_run) {
      report_.notes.emplace_back(
          "the schema is a live database's, where no query is run: sound-nullability was not "
          "checked");
      return;
    }
    std::vector<const Query*> queries;
    for_each_query([&](const QueryFile&, const Query& query) { queries.push_back(&query); });
    const SoundnessReport seen = check_soundness(conninfo_, queries, options_.soundness);
    for (const std::string& table : seen.left_out) {
      report_.notes.push_back("no rows could be made for " + table);
    }
    if (!seen.finished) {
      report_.notes.emplace_back("not all queries were run: the time limit of sound-nullability");
    }
    auto observed = seen.queries.begin();
    for_each_query([&](const QueryFile& file, const Query& query) {
      for (const std::size_t column : observed->broken_promises(query)) {
        find(sound_rule, file, query,
             "column " + query.columns[column].name +
                 " is promised never to be NULL, and was NULL on generated rows");
      }
      ++observed;
    });
  }

  const std::vector<QueryFile>& files_;
  const Catalog& catalog_;
  const std::string& conninfo_;
  const VetOptions& options_;
  std::vector<std::string> known_;
  std::map<const Query*, Allowances> allowed_;
  VetReport report_;
};

}  // namespace

const std::vector<std::string>& built_in_rules() {
  static const std::vector<std::string> names = {star_rule, where_rule, scan_rule, sound_rule};
  return names;
}

VetReport vet(const std::vector<QueryFile>& files, const Catalog& catalog,
              const std::string& conninfo, const VetOptions& options) {
  return Vet(files, catalog, conninfo, options).run();
}

}  // namespace loci::sqlgen
