#include "sqlgen/nullability/null_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <string_view>

namespace loci::sqlgen {
namespace {

using Names = std::span<const std::string_view>;

// Each list in order, for a binary search.
// clang-format off
constexpr auto of_arguments_calls = std::to_array<std::string_view>({
    "abs", "acos", "acosd", "acosh", "age", "array_fill",
    "array_positions", "array_remove", "array_replace", "array_to_json",
    "array_to_string", "array_to_tsvector", "ascii", "asin", "asind", "asinh", "atan", "atan2",
    "atan2d", "atand", "atanh", "bit_count", "bit_length", "bool", "bpchar", "btrim",
    "cardinality", "cbrt", "ceil", "ceiling", "char_length", "character_length", "chr",
    "clock_timestamp", "convert", "convert_from", "convert_to", "cos", "cosd", "cosh", "cot",
    "cotd", "current_database", "current_setting", "current_user", "currval", "date",
    "date_bin", "date_trunc", "decode", "degrees", "div", "encode", "erf", "erfc", "exp",
    "factorial", "family", "float4", "float8", "floor", "gcd", "gen_random_uuid", "get_bit",
    "get_byte", "host", "hostmask", "inet_merge", "inet_same_family", "initcap", "int2", "int4",
    "int8", "interval", "isempty", "isfinite", "json_array_length", "json_object",
    "json_strip_nulls", "json_typeof", "jsonb_array_length", "jsonb_insert", "jsonb_object",
    "jsonb_path_query_array", "jsonb_pretty", "jsonb_set", "jsonb_strip_nulls", "jsonb_typeof",
    "justify_days", "justify_hours", "justify_interval", "lastval", "lcm", "left", "length",
    "ln", "log", "log10", "lower", "lower_inc", "lower_inf", "lpad", "ltrim", "make_date",
    "make_interval", "make_time", "make_timestamp", "make_timestamptz", "masklen", "md5",
    "mod", "money", "name", "netmask", "network", "nextval", "normalize", "now",
    "numeric", "numnode", "octet_length", "oid", "overlay", "parse_ident", "pg_typeof",
    "phraseto_tsquery", "pi", "plainto_tsquery", "position", "pow", "power", "querytree",
    "quote_ident", "quote_literal", "radians", "random", "range_merge", "regexp_count",
    "regexp_instr", "regexp_like", "regexp_replace", "regexp_split_to_array", "repeat",
    "replace", "reverse", "right", "round", "row_to_json", "rpad", "rtrim",     "session_user", "set_bit", "set_byte", "set_masklen", "setseed", "setval", "setweight",
    "sha224", "sha256", "sha384", "sha512", "sign", "sin", "sind", "sinh", "split_part", "sqrt",
    "starts_with", "statement_timestamp", "string_to_array", "strip", "strpos", "substr",
    "substring", "tan", "tand", "tanh", "text", "time", "timeofday", "timestamp", "timestamptz",
    "timetz", "timezone", "to_ascii", "to_bin", "to_char", "to_date", "to_hex", "to_json",
    "to_jsonb", "to_oct", "to_timestamp", "to_tsquery", "to_tsvector", "transaction_timestamp",
    "translate", "trim_array", "trim_scale", "trunc", "ts_headline", "ts_rank", "ts_rank_cd",
    "txid_current", "unistr", "upper", "upper_inc", "upper_inf", "varchar", "version",
    "websearch_to_tsquery", "width_bucket"});
constexpr auto never_calls = std::to_array<std::string_view>({
    "array_append", "array_prepend", "concat", "daterange", "enum_first", "enum_last", "enum_range", "int4range", "int8range", "json_build_array", "json_build_object",
    "jsonb_build_array", "jsonb_build_object", "num_nonnulls", "num_nulls", "numrange",
    "quote_nullable", "tsrange", "tstzrange"});
constexpr auto of_first_argument_calls = std::to_array<std::string_view>({
    "concat_ws", "format"});
constexpr auto null_giving_operators = std::to_array<std::string_view>({
    "json_array_element", "json_array_element_text", "json_extract_path",
    "json_extract_path_text", "json_object_field", "json_object_field_text",
    "jsonb_array_element", "jsonb_array_element_text", "jsonb_extract_path",
    "jsonb_extract_path_text", "jsonb_object_field", "jsonb_object_field_text",
    "jsonb_path_exists_opr", "jsonb_path_match_opr"});
constexpr auto of_argument_aggregates = std::to_array<std::string_view>({
    "any_value", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "every", "max",
    "min", "mode", "percentile_cont", "percentile_disc", "range_agg", "range_intersect_agg",
    "stddev_pop", "sum", "var_pop"});
constexpr auto of_rows_aggregates = std::to_array<std::string_view>({
    "array_agg", "json_agg", "json_agg_strict", "json_object_agg", "json_object_agg_strict",
    "json_object_agg_unique", "json_object_agg_unique_strict", "jsonb_agg", "jsonb_agg_strict",
    "jsonb_object_agg", "jsonb_object_agg_strict", "jsonb_object_agg_unique",
    "jsonb_object_agg_unique_strict"});
constexpr auto never_aggregates = std::to_array<std::string_view>({
    "count", "cume_dist", "dense_rank", "percent_rank", "rank", "regr_count"});
constexpr auto never_windows = std::to_array<std::string_view>({
    "cume_dist", "dense_rank", "percent_rank", "rank", "row_number"});
constexpr auto of_argument_windows = std::to_array<std::string_view>({
    "first_value", "last_value", "ntile"});
constexpr auto never_rows = std::to_array<std::string_view>({
    "generate_series", "generate_subscripts", "json_array_elements", "json_each",
    "json_object_keys", "jsonb_array_elements", "jsonb_each", "jsonb_object_keys",
    "regexp_matches", "regexp_split_to_table"});
// clang-format on

bool is_one_of(std::string_view name, Names names) {
  return std::ranges::binary_search(names, name);
}

constexpr std::uint32_t text_type = 25;
constexpr std::uint32_t jsonb_type = 3802;
constexpr std::uint32_t any_range = 3831;
constexpr std::uint32_t any_multirange = 4537;
constexpr auto geometry =
    std::to_array<std::uint32_t>({600, 601, 602, 603, 604, 628, 718});  // point ... circle
constexpr auto numbers = std::to_array<std::uint32_t>({20, 23, 700, 701, 1700});
constexpr auto timestamps = std::to_array<std::uint32_t>({1114, 1184});
constexpr auto times_of_day = std::to_array<std::uint32_t>({1083, 1266});

bool takes_any(const FunctionFacts& function, std::span<const std::uint32_t> types) {
  return std::ranges::find_first_of(function.arguments, types) != function.arguments.end();
}

std::uint32_t argument(const FunctionFacts& function, std::size_t index) {
  return index < function.arguments.size() ? function.arguments[index] : 0;
}

/// The text of a text constant: its bytes follow a length of four.
std::string text_of(const TreeValue& constant) {
  std::string text;
  const std::string_view whole = constant.text();
  std::size_t at = whole.find('[');
  if (!constant.is("CONST") || at == std::string_view::npos) return text;
  const char* const end = whole.data() + whole.size();
  for (++at; at < whole.size() && whole[at] != ']';) {
    int byte = 0;
    const auto [next, fault] = std::from_chars(whole.data() + at, end, byte);
    if (fault == std::errc()) text += static_cast<char>(byte);
    at = fault == std::errc() ? static_cast<std::size_t>(next - whole.data()) : at + 1;
  }
  return text.size() > 4 ? text.substr(4) : "";
}

/// extract(hour from 'infinity') is NULL; of the year it is infinite.
NullRule rule_of_extract(const FunctionFacts& function, const TreeValue& call) {
  constexpr auto endless = std::to_array<std::string_view>(
      {"century", "decade", "epoch", "isoyear", "julian", "millennium", "year"});
  const bool certain = std::ranges::contains(times_of_day, argument(function, 1)) ||
                       is_one_of(text_of(call["args"].item(0)), endless);
  return certain ? NullRule::of_arguments : NullRule::unsure;
}

bool gives_null_for_some(const FunctionFacts& function) {
  const std::string_view name = function.name;
  if (name == "lower" || name == "upper") {  // of a range: none when it has no such bound
    return argument(function, 0) == any_range || argument(function, 0) == any_multirange;
  }
  if (name == "substring") return argument(function, 1) == text_type;  // by a pattern
  // Of a time: none when it is infinite, or the format is empty.
  if (name == "to_char") return !std::ranges::contains(numbers, argument(function, 0));
  if (name == "time" || name == "timetz") {  // of an infinite one
    return std::ranges::contains(timestamps, argument(function, 0));
  }
  return name == "current_setting" && function.arguments.size() > 1;
}

NullRule rule_of_builtin(const FunctionFacts& function, const TreeValue& call) {
  const std::string_view name = function.name;
  // With VARIADIC the arguments are one array, which may itself be NULL.
  const bool variadic = call["funcvariadic"].flag();
  if (name == "extract" || name == "date_part") return rule_of_extract(function, call);
  if (!variadic && is_one_of(name, never_calls)) return NullRule::never;
  if (!variadic && is_one_of(name, of_first_argument_calls)) return NullRule::of_first_argument;
  if (name == "array_cat") return NullRule::of_any_argument;
  if (name == "jsonb_path_exists" || name == "jsonb_path_exists_tz") {  // not with `silent`
    const bool silent = call["args"].items().size() > 3 ||
                        std::ranges::any_of(call["args"].items(), [](const TreeValue& argument) {
                          return argument.is("NAMEDARGEXPR") && argument["name"].text() == "silent";
                        });
    return silent ? NullRule::unsure : NullRule::of_arguments;
  }
  if (takes_any(function, geometry) || gives_null_for_some(function)) return NullRule::unsure;
  if (is_one_of(name, of_arguments_calls)) return NullRule::of_arguments;
  const bool certain = function.operator_or_cast && !is_one_of(name, null_giving_operators) &&
                       !(function.cast && argument(function, 0) == jsonb_type);
  return certain ? NullRule::of_arguments : NullRule::unsure;
}

/// Of these extensions no plain function gives NULL for arguments that are not.
bool is_trusted(const FunctionFacts& function) {
  constexpr auto extensions =
      std::to_array<std::string_view>({"pg_trgm", "unaccent", "uuid-ossp", "vector"});
  return is_one_of(function.extension, extensions) ||
         (function.extension == "citext" && function.name.starts_with("citext"));
}

}  // namespace

NullRule rule_of_call(const FunctionFacts& function, const TreeValue& call) {
  if (function.builtin) return rule_of_builtin(function, call);
  return is_trusted(function) ? NullRule::of_arguments : NullRule::unsure;
}

NullRule rule_of_aggregate(const FunctionFacts& function) {
  if (function.extension == "vector") return NullRule::of_arguments;
  if (!function.builtin) return NullRule::unsure;
  if (is_one_of(function.name, of_rows_aggregates)) return NullRule::never;
  if (function.name == "string_agg") return NullRule::of_first_argument;
  return is_one_of(function.name, of_argument_aggregates) ? NullRule::of_arguments
                                                          : NullRule::unsure;
}

NullRule rule_of_empty_aggregate(const FunctionFacts& function) {
  const bool never = function.builtin && is_one_of(function.name, never_aggregates);
  return never ? NullRule::never : NullRule::unsure;
}

NullRule rule_of_window(const FunctionFacts& function) {
  if (!function.builtin) return NullRule::unsure;
  if (is_one_of(function.name, never_windows)) return NullRule::never;
  // Without a default, the row that lag and lead look for may not be there.
  const bool has_default =
      (function.name == "lag" || function.name == "lead") && function.arguments.size() == 3;
  return has_default || is_one_of(function.name, of_argument_windows) ? NullRule::of_arguments
                                                                      : NullRule::unsure;
}

NullRule rule_of_rows(const FunctionFacts& function, std::int64_t number) {
  if (!function.builtin) return NullRule::unsure;
  const std::string_view name = function.name;
  const bool key = number == 1 && (name == "json_each_text" || name == "jsonb_each_text");
  return key || is_one_of(name, never_rows) ? NullRule::never : NullRule::unsure;
}

}  // namespace loci::sqlgen
