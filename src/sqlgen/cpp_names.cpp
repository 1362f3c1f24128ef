#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace loci::sqlgen {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c);
}

constexpr auto keywords =
    std::to_array<std::string_view>({"alignas",       "alignof",     "and",
                                     "and_eq",        "asm",         "auto",
                                     "bitand",        "bitor",       "bool",
                                     "break",         "case",        "catch",
                                     "char",          "char16_t",    "char32_t",
                                     "char8_t",       "class",       "co_await",
                                     "co_return",     "co_yield",    "compl",
                                     "concept",       "const",       "const_cast",
                                     "consteval",     "constexpr",   "constinit",
                                     "continue",      "decltype",    "default",
                                     "delete",        "do",          "double",
                                     "dynamic_cast",  "else",        "enum",
                                     "explicit",      "export",      "extern",
                                     "false",         "float",       "for",
                                     "friend",        "goto",        "if",
                                     "inline",        "int",         "long",
                                     "mutable",       "namespace",   "new",
                                     "noexcept",      "not",         "not_eq",
                                     "nullptr",       "operator",    "or",
                                     "or_eq",         "private",     "protected",
                                     "public",        "register",    "reinterpret_cast",
                                     "requires",      "return",      "short",
                                     "signed",        "sizeof",      "static",
                                     "static_assert", "static_cast", "struct",
                                     "switch",        "template",    "this",
                                     "thread_local",  "throw",       "true",
                                     "try",           "typedef",     "typeid",
                                     "typename",      "union",       "unsigned",
                                     "using",         "virtual",     "void",
                                     "volatile",      "wchar_t",     "while",
                                     "xor",           "xor_eq"});

/// Members and arguments that generated structs have.
constexpr auto taken_members = std::to_array<std::string_view>(
    {"bind", "cardinality", "copy", "decode", "params", "row", "statement"});

/// Macros of the C library and of some compilers.
constexpr auto macros =
    std::to_array<std::string_view>({"EOF", "INFINITY", "NAN", "NULL", "assert", "errno", "linux",
                                     "stderr", "stdin", "stdout", "unix"});

constexpr auto reserved_types = std::to_array<std::string_view>(
    {"BitString", "Decimal", "Interval", "JsonText", "LocalTimestamp", "Range", "Row",
     "SparseVector", "Timestamp", "Uuid", "Vector"});

constexpr auto reserved_beside_queries = std::to_array<std::string_view>(
    {"Deadline", "Error", "JsonWriter", "Querier", "SessionQuerier"});

/// Plurals the rules below would get wrong.
constexpr auto odd_plurals =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"aliases", "alias"},
                                                                  {"cookies", "cookie"},
                                                                  {"data", "data"},
                                                                  {"movies", "movie"},
                                                                  {"news", "news"},
                                                                  {"people", "person"},
                                                                  {"series", "series"},
                                                                  {"species", "species"},
                                                                  {"statuses", "status"}});

std::string singular_word(std::string_view word) {
  const auto odd =
      std::ranges::find(odd_plurals, word, [](const auto& pair) { return pair.first; });
  if (odd != odd_plurals.end()) return std::string(odd->second);
  const auto without = [&](std::size_t count) {
    return std::string(word.substr(0, word.size() - count));
  };
  if (word.size() > 4 && word.ends_with("ies")) return without(3) + "y";
  for (const std::string_view ending : {"sses", "shes", "ches", "xes", "zes"}) {
    if (word.ends_with(ending)) return without(2);
  }
  for (const std::string_view ending : {"ss", "us", "is"}) {
    if (word.ends_with(ending)) return std::string(word);
  }
  return word.size() > 1 && word.ends_with('s') ? without(1) : std::string(word);
}

}  // namespace

bool is_query_name(std::string_view name) noexcept {
  const std::size_t first = name.find_first_not_of('_');
  return is_identifier(name) && first != std::string_view::npos && !is_digit(name[first]);
}

bool is_reserved_type_name(std::string_view name) noexcept {
  return std::ranges::contains(reserved_types, name);
}

bool is_reserved_query_name(std::string_view name) noexcept {
  return is_reserved_type_name(name) || std::ranges::contains(reserved_beside_queries, name);
}

bool is_identifier(std::string_view name) noexcept {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

std::string member_name(std::string_view name, std::string_view prefix) {
  std::string member(name);
  std::ranges::replace_if(member, [](char c) { return !is_alphanumeric(c); }, '_');
  if (member.empty() || is_digit(member.front())) member.insert(0, prefix);
  if (std::ranges::contains(keywords, member) || std::ranges::contains(taken_members, member) ||
      std::ranges::contains(macros, member) || is_reserved_type_name(member)) {
    member += '_';
  }
  return member;
}

std::vector<std::string> made_unique(std::span<const std::string> names) {
  std::vector<std::string> unique;
  for (const std::string& name : names) {
    std::string one = name;
    for (int n = 2; std::ranges::contains(unique, one); ++n) one = name + "_" + std::to_string(n);
    unique.push_back(std::move(one));
  }
  return unique;
}

std::string camel_case(std::string_view snake_case) {
  std::string camel;
  bool begins_word = true;
  for (const char c : snake_case) {
    if (!is_alphanumeric(c)) {
      begins_word = true;
      continue;
    }
    camel += begins_word && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    begins_word = false;
  }
  if (camel.empty() || is_digit(camel.front())) camel.insert(0, "Table");
  return camel;
}

std::string snake_case(std::string_view camel_case) {
  std::string snake;
  for (std::size_t i = 0; i < camel_case.size(); ++i) {
    const char c = camel_case[i];
    const bool begins_word = is_upper(c) && i > 0 &&
                             (!is_upper(camel_case[i - 1]) ||
                              (i + 1 < camel_case.size() && is_lower(camel_case[i + 1])));
    if (begins_word) snake += '_';
    snake += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

std::string singular(std::string_view plural) {
  const std::size_t last_word = plural.rfind('_') + 1;  // npos + 1 is 0
  return std::string(plural.substr(0, last_word)) + singular_word(plural.substr(last_word));
}

}  // namespace loci::sqlgen
