#pragma once
#include "sqlgen/catalog.hpp"

#include <loci/base/error.hpp>

#include <map>
#include <string>

namespace loci::sqlgen {

/// A small shop: what a server would say of it, without a server.
inline Catalog shop_catalog() {
  using Kind = TypeFacts::Kind;
  Catalog catalog;
  catalog.types = {
      {16, {"bool", Kind::base}},
      {17, {"bytea", Kind::base}},
      {20, {"int8", Kind::base}},
      {21, {"int2", Kind::base}},
      {23, {"int4", Kind::base}},
      {25, {"text", Kind::base}},
      {26, {"oid", Kind::base}},
      {114, {"json", Kind::base}},
      {700, {"float4", Kind::base}},
      {701, {"float8", Kind::base}},
      {790, {"money", Kind::base}},
      {791, {"money[]", Kind::array, 790}},
      {1009, {"text[]", Kind::array, 25}},
      {1015, {"varchar[]", Kind::array, 1043}},
      {1043, {"varchar", Kind::base}},
      {1082, {"date", Kind::base}},
      {1083, {"time", Kind::base}},
      {1114, {"timestamp", Kind::base}},
      {1184, {"timestamptz", Kind::base}},
      {1186, {"interval", Kind::base}},
      {1231, {"numeric[]", Kind::array, 1700}},
      {1560, {"bit", Kind::base}},
      {1562, {"varbit", Kind::base}},
      {1700, {"numeric", Kind::base}},
      {2950, {"uuid", Kind::base}},
      {2951, {"uuid[]", Kind::array, 2950}},
      {3802, {"jsonb", Kind::base}},
      {3904, {"int4range", Kind::other}},
      {3906, {"numrange", Kind::other}},
      {3907, {"numrange[]", Kind::array, 3906}},
      {3908, {"tsrange", Kind::other}},
      {3910, {"tstzrange", Kind::other}},
      {3912, {"daterange", Kind::other}},
      {3926, {"int8range", Kind::other}},
      {4532, {"nummultirange", Kind::other}},
      {9000, {"vector", Kind::base, 0, "vector"}},
      {9001, {"email", Kind::domain, 25}},
      {9002, {"email[]", Kind::array, 9001}},
      {9003, {"ext.halfvec", Kind::base, 0, "vector"}},
      {9004, {"sparsevec", Kind::base, 0, "vector"}},
      {9005, {"vector[]", Kind::array, 9000}},
  };
  catalog.tables = {
      {500, {"public", "order_lines", {{1, "id", true}, {3, "class", false}, {4, "tags", true}}}},
      {501, {"public", "boxes", {{1, "id", true}}}},
      {502, {"shop", "boxes", {{1, "id", true}}}},
      {503, {"shop", "recent_orders", {{1, "id", false}}, true}},
  };
  return catalog;
}

/// The tree of `select <the columns>` from the tables they come from, as a server would give it.
inline std::string tree_of(const StatementFacts& facts) {
  std::string tables;
  std::string targets;
  for (std::size_t i = 0; i < facts.columns.size(); ++i) {
    const auto& column = facts.columns[i];
    const std::string number = std::to_string(i + 1);
    tables += "{RANGETBLENTRY :rtekind 0 :relkind r :inh true :relid " +
              std::to_string(column.table) + "}";
    const std::string expression = column.table == 0 ? "{CONST :constisnull true}"
                                                     : "{VAR :varno " + number + " :varattno " +
                                                           std::to_string(column.table_column) +
                                                           " :varnullingrels (b)}";
    targets += "{TARGETENTRY :expr " + expression + " :resjunk false}";
  }
  return "(({QUERY :commandType 1 :rtable (" + tables + ") :targetList (" + targets + ")}))";
}

/// Answers for statements it was told about; a syntax error at character 8 for all others.
class FakeDescriber final : public Describer {
public:
  explicit FakeDescriber(std::map<std::string, StatementFacts> answers)
      : answers_(std::move(answers)) {}

  StatementFacts describe(const std::string& sql) override {
    const auto found = answers_.find(sql);
    if (found != answers_.end()) {
      StatementFacts facts = found->second;
      if (sql.starts_with("select")) facts.tree = tree_of(facts);
      return facts;
    }
    throw Error(ServerError{.severity = "ERROR",
                            .sqlstate = "42601",
                            .message = "not a statement of the test",
                            .position = 8},
                "");
  }

private:
  std::map<std::string, StatementFacts> answers_;
};

}  // namespace loci::sqlgen
