#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// SQL names as C++ names.
namespace loci::sqlgen {

/// What the server calls an expression that nobody named.
inline constexpr std::string_view unnamed_column = "?column?";

/// What a query may be called: an identifier with a letter in it, and no digit before that.
[[nodiscard]] bool is_query_name(std::string_view name) noexcept;

/// Types that generated code names without a namespace (`Uuid`, `Row`); no struct may be called so.
[[nodiscard]] bool is_reserved_type_name(std::string_view name) noexcept;

/// The same for what stands beside queries and not beside tables: `Querier`, `Error`.
[[nodiscard]] bool is_reserved_query_name(std::string_view name) noexcept;

/// A letter or `_`, then letters, digits and `_`.
[[nodiscard]] bool is_identifier(std::string_view name) noexcept;

/// `name` as a member of a generated struct: bytes that C++ does not allow become `_`; keywords and
/// names the struct itself uses get a `_` at their end.
/// One that cannot stand first gets `column_` before it, or `prefix`.
[[nodiscard]] std::string member_name(std::string_view name, std::string_view prefix = "column_");

/// Member names made different: a repeated one gets `_2`, `_3`, ...
[[nodiscard]] std::vector<std::string> made_unique(std::span<const std::string> names);

/// `tool_executions` as `ToolExecutions`, `getUser` as `GetUser`.
[[nodiscard]] std::string camel_case(std::string_view snake_case);

/// `GetToolExecution` as `get_tool_execution`.
[[nodiscard]] std::string snake_case(std::string_view camel_case);

/// The last word of `tables_like_this` in singular, by the plain rules of English.
[[nodiscard]] std::string singular(std::string_view plural);

}  // namespace loci::sqlgen
