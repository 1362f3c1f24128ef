#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What the database knows, as plain values: all that the rest of sqlgen sees of it.
namespace loci::sqlgen {

struct TypeFacts {
  struct Field {
    std::string name;
    std::uint32_t type = 0;
  };
  enum class Kind : std::uint8_t { base, array, domain, enumeration, composite, other };
  std::string name;  ///< `int4`, `text[]`; with its schema when that is not in the path.
  Kind kind = Kind::base;
  std::uint32_t inner = 0;     ///< Of an array: the element's OID. Of a domain: the base type's.
  std::string extension = {};  ///< The extension it belongs to, if any.
  bool not_null = false;       ///< A domain that refuses NULL.
  std::vector<std::string> labels = {};  ///< Of an enumeration, in its order.
  std::string sql_name = {};             ///< As SQL takes it, quoted where that is needed.
  std::vector<Field> fields = {};        ///< Of a composite, in its order.
};

struct TableColumn {
  std::int16_t number = 0;
  std::string name;
  bool not_null = false;      ///< Certainly: a constraint that every row obeys (never for views).
  bool own_not_null = false;  ///< The same of rows in the table itself, not those of its children.
  bool refuses_null = false;  ///< A NULL that is put into it is an error, whatever it may give.
};

struct TableFacts {
  std::string schema;
  std::string name;
  std::vector<TableColumn> columns;  ///< In order, dropped ones left out.
  bool view = false;
  bool has_rules = true;  ///< Rewrite rules, which a view always has: writes may do anything.

  [[nodiscard]] const TableColumn* column(std::int16_t number) const noexcept;
  [[nodiscard]] const TableColumn* column(std::string_view column_name) const noexcept;
};

struct FunctionFacts {
  std::string name;
  bool builtin = false;        ///< PostgreSQL's own: in pg_catalog, of no extension.
  std::string extension = {};  ///< The extension it belongs to, if any.
  bool strict = false;         ///< Gives NULL when an argument is NULL; maybe else, too.
  bool is_volatile = true;
  bool operator_or_cast = false;  ///< Some operator or cast is made of it.
  bool cast = false;
  std::vector<std::uint32_t> arguments = {};  ///< Their types.
};

/// Types, tables and functions by OID.
struct Catalog {
  std::map<std::uint32_t, TypeFacts> types;
  std::map<std::uint32_t, TableFacts> tables;
  std::map<std::uint32_t, FunctionFacts> functions;  ///< Aggregates and window functions, too.
  /// Of views, but the system's and materialised ones, which hold what was true once: their queries
  /// as a ServerTree reads them.
  std::map<std::uint32_t, std::string> views;
  /// Functions whose arguments have names, the user's own: those names, in order.
  std::multimap<std::string, std::vector<std::string>, std::less<>> argument_names = {};

  [[nodiscard]] const TypeFacts* type(std::uint32_t oid) const noexcept;
  [[nodiscard]] const TableFacts* table(std::uint32_t oid) const noexcept;
  /// The table or view that a name stands for, `schema` empty when there is none before it: then
  /// in `public`, or else the only one of that name. 0: none.
  [[nodiscard]] std::uint32_t table_named(std::string_view schema,
                                          std::string_view name) const noexcept;
  /// For people; `oid 12345` when it is not known.
  [[nodiscard]] std::string type_name(std::uint32_t oid) const;
  [[nodiscard]] const FunctionFacts* function(std::uint32_t oid) const noexcept;
  /// Whether no value of the type is NULL: a domain that says so, or one over such a domain.
  [[nodiscard]] bool forbids_null(std::uint32_t oid) const noexcept;
  /// The type itself, or what a domain stands for.
  [[nodiscard]] std::uint32_t base_type(std::uint32_t oid) const noexcept;
};

/// What the server says of a statement it prepared.
struct StatementFacts {
  struct Column {
    std::string name;
    std::uint32_t type = 0;
    std::uint32_t table = 0;  ///< 0: an expression.
    std::int16_t table_column = 0;
  };
  std::vector<std::uint32_t> parameters;  ///< Type OIDs of $1, $2, ...
  std::vector<Column> columns;
  std::string tree = {};  ///< What a ServerTree reads; empty when the server gave none.
};

/// Somebody who can prepare a statement.
class Describer {
public:
  virtual ~Describer() = default;

  /// Errors: Error{server}, with the place in the statement when the server names one.
  [[nodiscard]] virtual StatementFacts describe(const std::string& sql) = 0;
};

}  // namespace loci::sqlgen
