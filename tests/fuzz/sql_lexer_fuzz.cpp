// Any text as SQL: taken apart without losing a byte, or refused.
#include <loci/base/error.hpp>

#include <cstdint>
#include <string_view>

#include "schema/sql_lexer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const loci::schema::LexedSql lexed = loci::schema::lex_sql(text);
  std::size_t at = 0;
  for (const loci::schema::SqlToken& token : lexed.tokens) {
    if (token.begin != at || token.text.empty()) __builtin_trap();
    at = token.end();
  }
  if (at != size) __builtin_trap();
  try {
    (void)loci::schema::split_statements(text);
  } catch (const loci::Error& error) {
    if (error.kind() != loci::ErrorKind::invalid_input) __builtin_trap();
  }
  return 0;
}
