#include "schema/statement_reader.hpp"

#include <algorithm>

namespace loci::schema {
namespace {

bool is(const SqlToken& token, std::string_view word) {
  return token.is_word(word) || token.is_symbol(word);
}

bool is_name(const SqlToken& token) {
  return token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted_word;
}

}  // namespace

StatementReader::StatementReader(std::span<const SqlToken> statement) {
  for (const SqlToken& token : statement) {
    if (token.significant()) tokens_.push_back(&token);
  }
}

bool StatementReader::ahead(std::string_view words) const {
  return StatementReader(*this).accept(words);
}

bool StatementReader::accept(std::string_view words) {
  std::size_t at = at_;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (at >= tokens_.size() || !is(*tokens_[at], word)) return false;
    ++at;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  at_ = at;
  return true;
}

bool StatementReader::later(std::string_view words) const {
  for (StatementReader from = *this; !from.done(); from.skip()) {
    if (from.ahead(words)) return true;
  }
  return false;
}

void StatementReader::skip() {
  int depth = 0;
  do {
    if (done()) return;
    if (token().is_symbol("(")) ++depth;
    if (token().is_symbol(")")) --depth;
    ++at_;
  } while (depth > 0);
}

std::optional<SqlName> StatementReader::name() {
  if (done() || !is_name(token())) return std::nullopt;
  SqlName found{std::string(token().text), folded(token())};
  ++at_;
  while (remaining() > 1 && token().is_symbol(".") && is_name(*tokens_[at_ + 1])) {
    ++at_;
    found.text += "." + std::string(token().text);
    found.last = folded(token());
    ++at_;
  }
  return found;
}

StatementReader StatementReader::up_to_comma() {
  StatementReader part;
  const std::size_t begin = at_;
  while (!done() && !token().is_symbol(",")) skip();
  part.tokens_.assign(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                      tokens_.begin() + static_cast<std::ptrdiff_t>(at_));
  if (!done()) ++at_;
  return part;
}

std::string folded(const SqlToken& identifier) {
  std::string out;
  if (identifier.kind == SqlToken::Kind::quoted_word && identifier.text.starts_with('"')) {
    const std::string_view inside = identifier.text.substr(1, identifier.text.size() - 2);
    for (std::size_t i = 0; i < inside.size(); ++i) {
      out += inside[i];
      if (inside.substr(i).starts_with("\"\"")) ++i;
    }
    return out;
  }
  for (const char c : identifier.text) {
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace loci::schema
