#include "sqlgen/lane.hpp"

#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>

namespace loci::sqlgen {
namespace {

/// Volatile, but only in what they give.
constexpr auto harmless_volatile =
    std::to_array<std::string_view>({"clock_timestamp", "gen_random_uuid", "random", "timeofday"});

/// Not volatile, but they tell of the session, take a transaction number, or run a query.
constexpr auto of_the_session = std::to_array<std::string_view>(
    {"current_query", "current_setting", "database_to_xml", "database_to_xml_and_xmlschema",
     "database_to_xmlschema", "pg_backend_pid", "pg_current_xact_id", "pg_is_other_temp_schema",
     "pg_listening_channels", "pg_my_temp_schema", "schema_to_xml", "schema_to_xml_and_xmlschema",
     "schema_to_xmlschema", "table_to_xml", "table_to_xml_and_xmlschema", "table_to_xmlschema",
     "txid_current"});

constexpr auto harmless_extensions =
    std::to_array<std::string_view>({"citext", "pg_trgm", "unaccent", "uuid-ossp", "vector"});

/// Fields that name a function, or an operator where it is known by its own number only.
constexpr auto function_fields =
    std::to_array<std::string_view>({"funcid", "opfuncid", "aggfnoid", "winfnoid"});
constexpr auto operator_fields = std::to_array<std::string_view>(
    {"eqop", "sortop", "startInRangeFunc", "endInRangeFunc", "cycle_mark_neop"});

bool is_harmless(const FunctionFacts& function) {
  if (!function.builtin) {
    return !function.is_volatile && std::ranges::contains(harmless_extensions, function.extension);
  }
  if (function.is_volatile) return std::ranges::contains(harmless_volatile, function.name);
  return !std::ranges::contains(of_the_session, function.name);
}

class Reading {
public:
  explicit Reading(const Catalog& catalog) : catalog_(catalog) {}

  bool is_harmless(const TreeValue& value) {
    return (value.label().empty() || is_harmless_node(value)) &&
           std::ranges::all_of(value.items(),
                               [this](const TreeValue& part) { return is_harmless(part); });
  }

private:
  bool is_harmless_node(const TreeValue& node) {
    if (node.is("QUERY")) {
      return node["commandType"].number() == code::select && node["rowMarks"].empty();
    }
    if (node.is("RANGETBLENTRY")) return is_harmless_entry(node);
    if (node.is("ROWCOMPAREEXPR")) {
      return std::ranges::all_of(node["opnos"].items(), is_builtin);
    }
    return std::ranges::all_of(function_fields,
                               [&](std::string_view field) {
                                 const TreeValue& oid = node[field];
                                 return oid.empty() || is_harmless_function(oid);
                               }) &&
           std::ranges::all_of(operator_fields,
                               [&](std::string_view field) { return is_builtin(node[field]); });
  }

  static bool is_builtin(const TreeValue& oid) { return oid.number() < code::first_users_oid; }

  bool is_harmless_function(const TreeValue& oid) const {
    const FunctionFacts* function = catalog_.function(static_cast<std::uint32_t>(oid.number()));
    return function != nullptr && sqlgen::is_harmless(*function);
  }

  bool is_harmless_entry(const TreeValue& entry) {
    if (entry["rtekind"].number() != code::relation_entry) return true;
    const std::string_view kind = entry["relkind"].text();
    if (kind == "v") return is_harmless_view(static_cast<std::uint32_t>(entry["relid"].number()));
    return (kind == "r" || kind == "p" || kind == "m") && entry["tablesample"].empty();
  }

  bool is_harmless_view(std::uint32_t oid) {
    if (const auto known = views_.find(oid); known != views_.end()) return known->second;
    const auto text = catalog_.views.find(oid);
    const auto tree = text == catalog_.views.end() ? std::nullopt : ServerTree::read(text->second);
    const bool harmless = tree && is_harmless(tree->query());
    views_.emplace(oid, harmless);
    return harmless;
  }

  const Catalog& catalog_;
  std::map<std::uint32_t, bool> views_;
};

}  // namespace

bool may_share_connection(const ServerTree& statement, const Catalog& catalog) {
  return Reading(catalog).is_harmless(statement.query());
}

}  // namespace loci::sqlgen
