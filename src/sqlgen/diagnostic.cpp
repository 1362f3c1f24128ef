#include "sqlgen/diagnostic.hpp"

#include "schema/sql_lexer.hpp"

namespace loci::sqlgen {

std::string to_line(const Diagnostic& diagnostic) {
  std::string line = diagnostic.file;
  if (diagnostic.line > 0) {
    line += ':' + std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column);
  }
  line += ": " + diagnostic.message;
  if (!diagnostic.sqlstate.empty()) line += " (" + diagnostic.sqlstate + ")";
  return line;
}

void Diagnostics::add(const SourceFile& source, std::size_t offset, std::string message,
                      std::string_view sqlstate) {
  const schema::TextPosition at = schema::position_at(source.text, offset);
  add({source.path, at.line, at.column, std::move(message), std::string(sqlstate)});
}

}  // namespace loci::sqlgen
