#include "sqlgen/sql_names.hpp"

#include <loci/pg/quote.hpp>

#include <algorithm>

namespace loci::sqlgen {

using schema::SqlToken;

std::string catalog_name(const SqlToken& token) {
  std::string name;
  if (token.kind == SqlToken::Kind::word) {
    name = token.text;
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  } else if (token.kind == SqlToken::Kind::quoted_word && token.text.starts_with('"')) {
    name = token.text.substr(1, token.text.size() - 2);
    for (std::size_t at = 0; (at = name.find("\"\"", at)) != std::string::npos; ++at) {
      name.erase(at, 1);
    }
  }
  return name;
}

std::string after_dot(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool begins_plainly = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
  return begins_plainly && std::ranges::all_of(name, plain) ? name : pg::quote_identifier(name);
}

}  // namespace loci::sqlgen
