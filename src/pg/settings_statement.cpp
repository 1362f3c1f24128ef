#include "pg/settings_statement.hpp"

#include <loci/pg/quote.hpp>

namespace loci::pg {

std::string settings_statement(const std::map<std::string, std::string>& settings) {
  std::string sql;
  for (const auto& [name, value] : settings) {
    sql += sql.empty() ? "select " : ", ";
    sql += "pg_catalog.set_config(" + quote_literal(name) + ", " + quote_literal(value) + ", true)";
  }
  return sql;
}

}  // namespace loci::pg
