#pragma once
#include <string>
#include <vector>

#include "sqlgen/config/config.hpp"
#include "sqlgen/emitter.hpp"
#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen {

/// A query that broke a rule of the user's own.
struct CustomFinding {
  std::string query;
  std::string message;
};

/// Rules of the user's own: each is one SELECT that gives a row for each query that breaks it, with
/// the query's `name` and, if it likes, a `message`. It reads the temporary table
///
///   queries (file text, name text, cmd text, sql text, params jsonb, columns jsonb, plan jsonb)
///
/// where params and columns are as `describe --json` prints them and plan as EXPLAIN's JSON, and
/// whatever else is in the database. It runs read-only, with a time limit.
class CustomRules {
public:
  /// Makes the table. `plans`: of all queries of all files, in order.
  CustomRules(TextSession& session, const std::vector<QueryFile>& files, const Catalog& catalog,
              const std::vector<std::string>& plans);

  /// Errors: configuration, naming the rule, when its SQL is no SELECT or the server refuses it.
  [[nodiscard]] std::vector<CustomFinding> run(const CustomRule& rule);

private:
  TextSession& session_;
};

}  // namespace loci::sqlgen
