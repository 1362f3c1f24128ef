#include "sqlgen/one_file.hpp"

#include "schema/sql_lexer.hpp"
#include "sqlgen/blanked.hpp"
#include "sqlgen/query_text.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace loci::sqlgen {
namespace {

using schema::SqlToken;

struct Part {
  std::size_t begin;
  std::size_t end;
  bool query;
};

/// The statements, each with its `;`. Of what is never closed, nothing is known.
std::vector<Part> parts_of(std::string_view text) {
  const schema::LexedSql lexed = schema::lex_sql(text);
  std::vector<Part> parts;
  if (lexed.fault) return parts;
  std::span<const SqlToken> rest = lexed.tokens;
  bool query = false;
  while (!rest.empty()) {
    const auto end = std::ranges::find_if(rest, is_annotation);
    const auto section = rest.first(static_cast<std::size_t>(end - rest.begin()));
    for (const auto statement : schema::split_statements(section)) {
      std::size_t last = statement.back().end();
      const std::size_t semicolon = text.find_first_not_of(" \t\r\n", last);
      if (semicolon != std::string_view::npos && text[semicolon] == ';') last = semicolon + 1;
      parts.push_back({statement.front().begin, last, std::exchange(query, false)});
    }
    if (end == rest.end()) break;
    query = true;
    rest = rest.subspan(section.size() + 1);
  }
  return parts;
}

SourceFile without(const SourceFile& file, bool queries) {
  SourceFile alone{file.name, file.path, {}};
  std::size_t at = 0;
  for (const Part& part : parts_of(file.text)) {
    if (part.query != queries) continue;
    alone.text += file.text.substr(at, part.begin - at) +
                  blanked(file.text.substr(part.begin, part.end - part.begin));
    at = part.end;
  }
  alone.text += file.text.substr(at);
  return alone;
}

}  // namespace

SourceFile schema_alone(const SourceFile& file) {
  return without(file, true);
}

SourceFile queries_alone(const SourceFile& file) {
  return without(file, false);
}

}  // namespace loci::sqlgen
