#pragma once
#include "sqlgen/compiler.hpp"
#include "sqlgen/schema_database.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/soundness/soundness.hpp"
#include "sqlgen/source_files.hpp"

#include <loci/base/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/test_server.hpp"

/// The folders of tests/sqlgen/cases: `schema.sql`, `queries.sql`, and `expected.json`, which holds
/// what is true of each query by the rules of SQL, whatever our analysis can see.
namespace loci::sqlgen::harness {

namespace fs = std::filesystem;

/// How one folder's expectations compare with what sqlgen says and with what the server gives.
struct Verdict {
  std::vector<std::string> faults;     ///< Names, types, commands, errors that differ.
  std::vector<std::string> wrong;      ///< Columns called NOT NULL that may be NULL.
  std::vector<std::string> imprecise;  ///< Columns called nullable that never are NULL.
  std::vector<std::string> unproven;   ///< Columns that may be NULL, but no run gave one.
  int cases = 0;
  int columns = 0;
};

inline std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

/// Runs one folder against a database of its own on the tests' server.
class CaseFolder {
public:
  explicit CaseFolder(const fs::path& folder)
      : expected_(JsonDocument::parse(text_of(folder / "expected.json"))) {
    verdict_.cases =
        static_cast<int>(expected_.root()["queries"].size() + expected_.root()["errors"].size());
    const std::string conninfo = loci::test::TestServer::instance().fresh_database();
    Diagnostics diagnostics;
    auto sources = read_sources(folder / "queries.sql", diagnostics);
    SchemaDatabase database(read_schema(std::array{folder / "schema.sql"}, diagnostics),
                            diagnostics, conninfo);
    if (database.complete()) {
      const Catalog catalog = database.catalog();
      files_ = compile(std::move(sources), catalog, database, diagnostics);
      told_ = to_json(files_, catalog);
    }
    compare_errors(JsonDocument::parse(to_json(diagnostics)).root()["errors"]);
    if (diagnostics.empty())
      compare_queries(JsonDocument::parse(told_).root()["queries"], conninfo);
  }

  [[nodiscard]] Verdict& verdict() { return verdict_; }

private:
  void compare_errors(Json told) {
    const Json expected = expected_.root()["errors"];
    std::vector<Json> left(told.begin(), told.end());
    for (const Json error : expected) {
      const auto same = std::ranges::find_if(left, [&](Json it) { return is_error(it, error); });
      if (same == left.end()) {
        verdict_.faults.push_back("not reported: " + std::string(error.raw()));
      } else {
        left.erase(same);
      }
    }
    for (const Json error : left) {
      verdict_.faults.push_back("not expected: " + std::string(error.raw()));
    }
  }

  /// Of the message, a part is expected; a place or a state that is not, may be any.
  static bool is_error(Json told, Json expected) {
    const auto agrees = [&](std::string_view key) {
      return !expected[key].exists() || told[key].raw() == expected[key].raw();
    };
    return agrees("line") && agrees("col") && agrees("sqlstate") &&
           told["file"].string_or("").ends_with("/" + expected["file"].string_or("")) &&
           told["message"].string_or("").contains(expected["message"].string_or("?"));
  }

  void compare_queries(Json told, const std::string& conninfo) {
    const Json expected = expected_.root()["queries"];
    if (told.size() != expected.size()) {
      verdict_.faults.push_back("other queries than expected: " + std::string(told.raw()));
      return;
    }
    std::vector<const Query*> queries;
    for (const QueryFile& file : files_) {
      for (const Query& query : file.queries) queries.push_back(&query);
    }
    const SoundnessReport seen =
        check_soundness(conninfo, queries, {.rounds = 9, .rows_per_table = 12});
    for (const std::string& table : seen.left_out)
      verdict_.faults.push_back("not filled: " + table);
    if (!seen.finished) verdict_.faults.emplace_back("the time was over before all had run");

    auto query = told.begin();
    for (std::size_t i = 0; i < queries.size(); ++i, ++query) {
      const Json truth = *std::next(expected.begin(), static_cast<std::ptrdiff_t>(i));
      compare_query(*query, truth);
      judge(truth, seen.queries[i]);
      for (const std::size_t column : seen.queries[i].broken_promises(*queries[i])) {
        verdict_.wrong.push_back(queries[i]->name + "." + queries[i]->columns[column].name +
                                 " gave a NULL");
      }
    }
  }

  void compare_query(Json told, Json truth) {
    const std::string name = truth["name"].string_or("?");
    const auto differs = [&](const std::string& what, Json given, Json wanted) {
      verdict_.faults.push_back(name + ": " + what + " is " + std::string(given.raw()) + ", not " +
                                std::string(wanted.raw()));
    };
    for (const std::string_view key : {"name", "cmd"}) {
      if (told[key].raw() != truth[key].raw()) differs(std::string(key), told[key], truth[key]);
    }
    if (!same_items(told["params"], truth["params"], {"name", "type", "nullable"})) {
      differs("params", told["params"], truth["params"]);
    }
    const Json columns = truth["columns"];
    verdict_.columns += static_cast<int>(columns.size());
    if (!same_items(told["columns"], columns, {"name", "type", "embed"})) {
      differs("columns", told["columns"], columns);
    }
    if (told["columns"].size() != columns.size()) return;
    auto given = told["columns"].begin();
    for (const Json column : columns) {
      const bool may_be_null = column["nullable"].boolean().value_or(true);
      const bool told_so = (*given)["nullable"].boolean().value_or(true);
      ++given;
      if (may_be_null == told_so) continue;
      (may_be_null ? verdict_.wrong : verdict_.imprecise)
          .push_back(name + "." + column["name"].string_or("?"));
    }
  }

  static bool same_items(Json told, Json truth, std::initializer_list<std::string_view> keys) {
    if (told.size() != truth.size()) return false;
    auto given = told.begin();
    for (const Json item : truth) {
      for (const std::string_view key : keys) {
        if ((*given)[key].raw() != item[key].raw()) return false;
      }
      ++given;
    }
    return true;
  }

  /// The expectations themselves, against what the server gave.
  void judge(Json truth, const Observation& seen) {
    if (truth["columns"].empty()) return;
    const std::string name = truth["name"].string_or("?");
    if (seen.runs == 0) verdict_.faults.push_back(name + " never ran: " + seen.refusal);
    std::size_t i = 0;
    for (const Json column : truth["columns"]) {
      const bool may_be_null = column["nullable"].boolean().value_or(true);
      const bool gave_null = i < seen.gave_null.size() && seen.gave_null[i];
      ++i;
      const std::string what = name + "." + column["name"].string_or("?");
      if (gave_null && !may_be_null) verdict_.faults.push_back("expected wrongly: " + what);
      if (!gave_null && may_be_null) {
        verdict_.unproven.push_back(what + (seen.rows == 0 ? " (no rows)" : ""));
      }
    }
  }

  JsonDocument expected_;
  std::vector<QueryFile> files_;
  std::string told_;
  Verdict verdict_;
};

}  // namespace loci::sqlgen::harness
