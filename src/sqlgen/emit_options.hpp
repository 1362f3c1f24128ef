#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// A C++ type of the user's in place of the one that a type or column would get.
struct TypeOverride {
  /// What it is for, one of the two: a type as `describe` prints it (`uuid`, `app.mood`), or a
  /// column, `table.column` or `schema.table.column`, whose parts may be patterns: `*.tenant_id`.
  /// A column goes before a type.
  std::string db_type = {};
  std::string column = {};
  std::string type;         ///< `app::UserId`; std::optional comes around it where NULL may be.
  std::string codec;        ///< `app::UserIdType`: encode(), decode() and Value, as pg::type has.
  std::string header = {};  ///< `<app/user_id.hpp>` or `"user_id.hpp"`; has both.
  bool shared = false;      ///< From the whole file's settings, and of use somewhere in it perhaps.
};

/// What a user may want otherwise of the emitted code.
struct EmitOptions {
  std::string name_space = "loci::queries";
  std::vector<TypeOverride> overrides = {};
  /// Names in SQL (of columns, parameters, labels of enums; of tables and enums, these as their
  /// struct would be spelt in snake_case) and what C++ calls them.
  std::map<std::string, std::string> rename = {};
  bool emit_exact_table_names = false;  ///< `authors` is Authors, not Author.
  bool emit_all_enum_values = false;    ///< `all_mood_values()`: an array of all values of Mood.
  bool emit_json = false;               ///< `write_json(out, row)` for every row struct and model.
  bool emit_interface = false;          ///< `querier.hpp`: all queries as an abstract class.
  /// A function of that class takes each parameter by itself when there are at most this many, else
  /// the query's struct.
  std::size_t query_parameter_limit = 1;
};

}  // namespace loci::sqlgen
