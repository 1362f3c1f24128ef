#include "schema/sql_lexer.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>

namespace loci::schema {

using TokenKind = SqlToken::Kind;

namespace {

constexpr std::string_view operator_characters = "~!@#^&|`?+-*/%<=>";
/// With one of these inside, an operator may end in + or -.
constexpr std::string_view special_operator_characters = "~!@#%^&|`?";
/// Operators that end in @, of PostgreSQL and of its ltree extension.
constexpr std::array<std::string_view, 7> at_operators = {"<@",  "@@",  "^@", "?@",
                                                          "^<@", "?<@", "@-@"};

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool is_tag_part(char c) {
  return is_word_start(c) || is_digit(c);
}
bool is_word_part(char c) {
  return is_tag_part(c) || c == '$';
}
bool is_operator(char c) {
  return operator_characters.contains(c);
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class Lexer {
public:
  explicit Lexer(std::string_view text) : text_(text) {}

  LexedSql run() {
    while (at_ < text_.size()) {
      begin_ = at_;
      const TokenKind kind = next();
      lexed_.tokens.push_back({kind, begin_, text_.substr(begin_, at_ - begin_)});
    }
    return std::move(lexed_);
  }

private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool rest_starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }
  template <class Predicate>
  void skip_while(Predicate predicate) {
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
  }
  void unclosed(std::string_view what) {
    at_ = text_.size();
    lexed_.fault = SqlFault{begin_, "unclosed " + std::string(what)};
  }

  TokenKind next() {
    const char c = peek();
    if (is_space(c)) {
      skip_while(is_space);
      return TokenKind::space;
    }
    if (rest_starts("--")) return line_comment();
    if (rest_starts("/*")) return block_comment();
    if (c == '\'') return quoted_string(1, false);
    if (c == '"') return quoted_word(1);
    if (c == '$') return dollar();
    if (is_word_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_operator(c)) return operator_or_named_parameter();
    return symbol();
  }

  TokenKind line_comment() {
    skip_while([](char c) { return c != '\n' && c != '\r'; });
    return TokenKind::comment;
  }

  TokenKind block_comment() {
    int depth = 0;
    while (at_ < text_.size()) {
      if (rest_starts("/*")) {
        ++depth;
        at_ += 2;
      } else if (rest_starts("*/")) {
        at_ += 2;
        if (--depth == 0) return TokenKind::comment;
      } else {
        ++at_;
      }
    }
    unclosed("comment");
    return TokenKind::comment;
  }

  /// After the opening quote, which `prefix` bytes end with. A string goes on after white space
  /// with a line end in it when another quote follows, under the same rule for backslashes.
  TokenKind quoted_string(std::size_t prefix, bool backslashes) {
    at_ += prefix;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && backslashes) {
        at_ = std::min(at_ + 1, text_.size());
      } else if (c == '\'') {
        if (peek() == '\'') {
          ++at_;
        } else if (const std::size_t more = continuation(); more != 0) {
          at_ = more;
        } else {
          return TokenKind::string;
        }
      }
    }
    unclosed("string");
    return TokenKind::string;
  }

  /// Where the continued string's content begins, or 0.
  std::size_t continuation() const {
    bool line_end = false;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\'') return line_end ? i + 1 : 0;
      if (text_.substr(i).starts_with("--")) {
        i = std::min(text_.find_first_of("\r\n", i), text_.size()) - 1;
      } else if (!is_space(c)) {
        return 0;
      }
      line_end = line_end || c == '\n' || c == '\r';
    }
    return 0;
  }

  TokenKind quoted_word(std::size_t prefix) {
    at_ += prefix;
    while (at_ < text_.size()) {
      if (text_[at_++] != '"') continue;
      if (peek() != '"') return TokenKind::quoted_word;
      ++at_;
    }
    unclosed("quoted name");
    return TokenKind::quoted_word;
  }

  TokenKind dollar() {
    ++at_;
    if (is_digit(peek())) {
      skip_while(is_digit);
      return TokenKind::parameter;
    }
    if (is_word_start(peek())) skip_while(is_tag_part);
    if (peek() != '$') {
      at_ = begin_ + 1;
      return TokenKind::other;
    }
    ++at_;
    const std::string_view tag = text_.substr(begin_, at_ - begin_);
    const std::size_t close = text_.find(tag, at_);
    if (close == std::string_view::npos) {
      unclosed("dollar-quoted string");
    } else {
      at_ = close + tag.size();
    }
    return TokenKind::string;
  }

  TokenKind word() {
    const char first = lower(peek());
    if (peek(1) == '\'' && (first == 'e' || first == 'b' || first == 'x' || first == 'n')) {
      return quoted_string(2, first == 'e');
    }
    if (first == 'u' && peek(1) == '&' && peek(2) == '\'') return quoted_string(3, false);
    if (first == 'u' && peek(1) == '&' && peek(2) == '"') return quoted_word(3);
    skip_while(is_word_part);
    return TokenKind::word;
  }

  TokenKind number() {
    const auto digit_or_underscore = [](char c) { return is_digit(c) || c == '_'; };
    const char base = lower(peek(1));
    if (peek() == '0' && (base == 'x' || base == 'o' || base == 'b')) {
      at_ += 2;
      skip_while(
          [](char c) { return is_digit(c) || c == '_' || (lower(c) >= 'a' && lower(c) <= 'f'); });
      return TokenKind::number;
    }
    skip_while(digit_or_underscore);
    if (peek() == '.' && peek(1) != '.') {
      ++at_;
      skip_while(digit_or_underscore);
    }
    if (lower(peek()) == 'e') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 2 + sign;
        skip_while(digit_or_underscore);
      }
    }
    return TokenKind::number;
  }

  TokenKind operator_or_named_parameter() {
    while (at_ < text_.size() && is_operator(text_[at_]) && !rest_starts("--") &&
           !rest_starts("/*")) {
      ++at_;
    }
    std::string_view run = text_.substr(begin_, at_ - begin_);
    if (run.ends_with('@') && is_word_start(peek()) && !std::ranges::contains(at_operators, run)) {
      if (run.size() == 1) {
        skip_while(is_word_part);
        return TokenKind::named_parameter;
      }
      run.remove_suffix(1);
    }
    if (run.find_first_of(special_operator_characters) == std::string_view::npos) {
      while (run.size() > 1 && (run.ends_with('+') || run.ends_with('-'))) run.remove_suffix(1);
    }
    at_ = begin_ + run.size();
    return TokenKind::op;
  }

  TokenKind symbol() {
    for (const std::string_view two : {"::", ":=", ".."}) {
      if (!rest_starts(two)) continue;
      at_ += 2;
      return TokenKind::symbol;
    }
    const char c = text_[at_++];
    if (c == ';') return TokenKind::semicolon;
    return c != '\0' && std::string_view("()[],.:").contains(c) ? TokenKind::symbol
                                                                : TokenKind::other;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  LexedSql lexed_;
};

/// Follows one statement to know whether a `;` ends it.
class StatementEnd {
public:
  bool inside(const SqlToken& token) {
    if (token.is_symbol("(")) ++parentheses_;
    if (token.is_symbol(")") && parentheses_ > 0) --parentheses_;
    if (token.kind == TokenKind::word) follow_word(token);
    return parentheses_ > 0 || blocks_ > 0;
  }

private:
  /// CREATE [OR REPLACE] FUNCTION|PROCEDURE may have a body BEGIN ATOMIC ...; ...; END.
  void follow_word(const SqlToken& token) {
    if (words_ == 0) creates_ = token.is_word("create");
    if (words_ <= 3 && (token.is_word("function") || token.is_word("procedure"))) routine_ = true;
    if (creates_ && routine_) {
      if (after_begin_ && token.is_word("atomic")) ++blocks_;
      if (blocks_ > 0 && token.is_word("case")) ++blocks_;
      if (blocks_ > 0 && token.is_word("end")) --blocks_;
    }
    after_begin_ = token.is_word("begin");
    ++words_;
  }

  int parentheses_ = 0;
  int blocks_ = 0;
  int words_ = 0;
  bool creates_ = false;
  bool routine_ = false;
  bool after_begin_ = false;
};

}  // namespace

bool SqlToken::is_word(std::string_view keyword) const noexcept {
  return kind == TokenKind::word && std::ranges::equal(text, keyword, {}, lower);
}

LexedSql lex_sql(std::string_view text) {
  return Lexer(text).run();
}

std::vector<std::span<const SqlToken>> split_statements(std::span<const SqlToken> tokens) {
  std::vector<std::span<const SqlToken>> statements;
  std::size_t first = tokens.size();
  std::size_t last = 0;
  StatementEnd end;
  const auto finish = [&] {
    if (first < tokens.size()) statements.push_back(tokens.subspan(first, last - first + 1));
    first = tokens.size();
    end = StatementEnd();
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].significant()) continue;
    if (!end.inside(tokens[i]) && tokens[i].kind == TokenKind::semicolon) {
      finish();
    } else {
      first = std::min(first, i);
      last = i;
    }
  }
  finish();
  return statements;
}

std::vector<std::string_view> split_statements(std::string_view text) {
  const LexedSql lexed = lex_sql(text);
  if (lexed.fault) {
    const TextPosition at = position_at(text, lexed.fault->offset);
    throw Error(
        ErrorKind::invalid_input,
        std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + lexed.fault->message);
  }
  std::vector<std::string_view> statements;
  for (const auto tokens : split_statements(std::span(lexed.tokens))) {
    const std::size_t begin = tokens.front().begin;
    statements.push_back(text.substr(begin, tokens.back().end() - begin));
  }
  return statements;
}

TextPosition position_at(std::string_view text, std::size_t offset) noexcept {
  TextPosition position;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((c & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

std::size_t offset_of_character(std::string_view text, int character) noexcept {
  std::size_t offset = 0;
  for (int i = 1; i < character && offset < text.size(); ++i) {
    do ++offset;
    while (offset < text.size() && (text[offset] & 0xC0) == 0x80);
  }
  return offset;
}

}  // namespace loci::schema
