#include "sqlgen/parameters.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <charconv>

namespace loci::sqlgen {

using schema::SqlToken;

namespace {

constexpr std::size_t max_parameters = 65535;  // what the protocol counts in 16 bits

class Rewriter {
public:
  Rewriter(const SourceFile& source, const QueryText& query, Diagnostics& diagnostics)
      : source_(source), query_(query), diagnostics_(diagnostics) {}

  RewrittenSql run() {
    while (at_ < query_.tokens.size()) {
      const SqlToken& token = query_.tokens[at_];
      if (token.kind == SqlToken::Kind::named_parameter) {
        replace(token, token.text.substr(1), false, at_ + 1);
      } else if (token.kind == SqlToken::Kind::parameter) {
        keep_numbered(token);
      } else if (!replace_macro()) {
        copy(token);
      }
    }
    if (numbered_ && named_) {
      diagnostics_.add(source_, query_.offset,
                       query_.name + " mixes $1 and named parameters; use one kind");
    }
    return std::move(out_);
  }

private:
  void copy(const SqlToken& token) {
    out_.pieces.push_back({out_.sql.size(), token.begin, true});
    out_.sql += token.text;
    ++at_;
  }

  /// Puts $n in place of the tokens from here to `next`.
  void replace(const SqlToken& first, std::string_view name, bool nullable, std::size_t next) {
    if (!is_identifier(name)) {
      diagnostics_.add(source_, first.begin,
                       "the parameter name `" + std::string(name) +
                           "` is no C++ name; use letters, digits and _");
    }
    named_ = true;
    auto known = std::ranges::find(out_.parameters, name, &NamedParameter::name);
    if (known == out_.parameters.end()) {
      out_.parameters.push_back({std::string(name), false, first.begin});
      known = std::prev(out_.parameters.end());
    }
    known->nullable = known->nullable || nullable;
    out_.pieces.push_back({out_.sql.size(), first.begin, false});
    // `and@id` without the space would become one word, `and$1`.
    if (at_ > 0 && query_.tokens[at_ - 1].kind == SqlToken::Kind::word) out_.sql += ' ';
    out_.sql += '$' + std::to_string(known - out_.parameters.begin() + 1);
    at_ = next;
  }

  void keep_numbered(const SqlToken& token) {
    numbered_ = true;
    std::size_t number = 0;
    const std::string_view digits = token.text.substr(1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (number == 0 || number > max_parameters) {
      diagnostics_.add(source_, token.begin, "parameters are numbered from $1 to $65535");
    } else {
      while (!named_ && out_.parameters.size() < number) {
        out_.parameters.push_back(
            {"arg" + std::to_string(out_.parameters.size() + 1), false, token.begin});
      }
    }
    copy(token);
  }

  /// sqlc.arg(name) and its kin. True when the tokens here were one, whether good or not.
  bool replace_macro() {
    const SqlToken& first = query_.tokens[at_];
    if (!first.is_word("sqlc")) return false;
    std::size_t next = at_;
    const SqlToken* dot = following(next);
    const SqlToken* macro = following(next);
    const SqlToken* open = following(next);
    if (open == nullptr || !dot->is_symbol(".") || !open->is_symbol("(")) return false;
    const bool nullable = macro->is_word("narg");
    if (!nullable && !macro->is_word("arg")) {
      diagnostics_.add(
          source_, first.begin,
          "sqlc." + std::string(macro->text) + " is not supported yet; sqlc.arg and sqlc.narg are");
      at_ = next + 1;
      return true;
    }
    const SqlToken* argument = following(next);
    const SqlToken* close = following(next);
    if (close == nullptr || !close->is_symbol(")")) {
      diagnostics_.add(source_, first.begin, "expected one name, as in sqlc.arg(name)");
      at_ = query_.tokens.size();
      return true;
    }
    std::string_view name = argument->text;
    if (argument->kind == SqlToken::Kind::string) name = name.substr(1, name.size() - 2);
    replace(first, name, nullable, next + 1);
    return true;
  }

  /// Steps `index` to the next significant token; null after the last.
  const SqlToken* following(std::size_t& index) const {
    while (++index < query_.tokens.size()) {
      if (query_.tokens[index].significant()) return &query_.tokens[index];
    }
    return nullptr;
  }

  const SourceFile& source_;
  const QueryText& query_;
  Diagnostics& diagnostics_;
  RewrittenSql out_;
  std::size_t at_ = 0;
  bool numbered_ = false;
  bool named_ = false;
};

}  // namespace

std::size_t RewrittenSql::source_offset(std::size_t offset) const noexcept {
  const auto after = std::ranges::upper_bound(pieces, offset, {}, &Piece::begin);
  if (after == pieces.begin()) return 0;
  const Piece& piece = *std::prev(after);
  return piece.copied ? piece.source + (offset - piece.begin) : piece.source;
}

std::size_t RewrittenSql::source_of_character(int position) const noexcept {
  std::size_t offset = 0;
  for (int character = 1; character < position && offset < sql.size(); ++character) {
    do {
      ++offset;
    } while (offset < sql.size() && (sql[offset] & 0xC0) == 0x80);
  }
  return source_offset(offset);
}

RewrittenSql rewrite_parameters(const SourceFile& source, const QueryText& query,
                                Diagnostics& diagnostics) {
  return Rewriter(source, query, diagnostics).run();
}

}  // namespace loci::sqlgen
