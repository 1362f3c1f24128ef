#include <loci/base/error.hpp>
#include <loci/pg/quote.hpp>

namespace loci::pg {
namespace {

void refuse_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::invalid_argument, "a NUL byte cannot stand in SQL text");
  }
}

std::string doubled(std::string_view text, char quote) {
  std::string out;
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  refuse_nul(name);
  if (name.empty() || name.size() > 63) {
    throw Error(ErrorKind::invalid_argument,
                "an SQL name has 1 to 63 bytes, not " + std::to_string(name.size()));
  }
  return '"' + doubled(name, '"') + '"';
}

std::string quote_literal(std::string_view text) {
  refuse_nul(text);
  // The E form reads the same whatever standard_conforming_strings says.
  if (text.find('\\') != std::string_view::npos) {
    return " E'" + doubled(doubled(text, '\''), '\\') + '\'';
  }
  return '\'' + doubled(text, '\'') + '\'';
}

}  // namespace loci::pg
