#include "sqlgen/parameters.hpp"

#include "sqlgen/cpp_names.hpp"
#include "sqlgen/sql_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

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
      } else if (!replace_in_slice() && !replace_macro()) {
        copy(token);
      }
    }
    return std::move(out_);
  }

private:
  /// `sqlc.name(argument)`, found at some token.
  struct Macro {
    std::string_view name;
    const SqlToken* argument = nullptr;  ///< Null when what stands there is no macro.
    std::size_t next = 0;                ///< After its `)`.
  };

  void fault(const SqlToken& place, const std::string& message) {
    diagnostics_.add(source_, place.begin, query_.name + ": " + message);
  }

  void copy(const SqlToken& token) {
    out_.pieces.push_back({out_.sql.size(), token.begin, true});
    out_.sql += token.text;
    ++at_;
  }

  /// Text in place of something of the source.
  void put(const SqlToken& first, const std::string& text) {
    out_.pieces.push_back({out_.sql.size(), first.begin, false});
    out_.sql += text;
  }

  /// Puts $n in place of the tokens from here to `next`.
  NamedParameter& replace(const SqlToken& first, std::string_view name, bool nullable,
                          std::size_t next) {
    if (!is_identifier(name)) {
      fault(first, "the parameter name `" + std::string(name) +
                       "` is no C++ name; use letters, digits and _");
    }
    refuse_mixture(out_.numbered, first);
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
    return *known;
  }

  /// At the first parameter that is of the other kind.
  void refuse_mixture(bool other_kind, const SqlToken& token) {
    if (!other_kind || std::exchange(mixed_, true)) return;
    fault(token, "it mixes $1 and named parameters; use one kind");
  }

  void keep_numbered(const SqlToken& token) {
    refuse_mixture(named_, token);
    out_.numbered = true;
    std::size_t number = 0;
    const std::string_view digits = token.text.substr(1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (number == 0 || number > max_parameters) {
      fault(token, "parameters are numbered from $1 to $65535");
    } else {
      while (!named_ && out_.parameters.size() < number) {
        out_.parameters.push_back(
            {"arg" + std::to_string(out_.parameters.size() + 1), false, token.begin});
      }
    }
    copy(token);
  }

  /// `in (sqlc.slice(ids))`, `not in (sqlc.slice(ids))`. True when it was replaced.
  bool replace_in_slice() {
    const SqlToken& first = query_.tokens[at_];
    const bool negated = first.is_word("not");
    if (!negated && !first.is_word("in")) return false;
    std::size_t next = at_;
    const SqlToken* in = negated ? following(next) : &first;
    const SqlToken* open = following(next);
    const SqlToken* begin = following(next);
    if (begin == nullptr || !in->is_word("in") || !open->is_symbol("(")) return false;
    const std::size_t macro_at = next;
    const Macro macro = macro_from(macro_at);
    if (macro.name != "slice" || macro.argument == nullptr) return false;
    std::size_t close = macro.next - 1;
    const SqlToken* end = following(close);
    if (end == nullptr || !end->is_symbol(")")) return false;
    put(first, negated ? "<> all(" : "= any(");
    at_ = macro_at;
    replace(*begin, name_in(*macro.argument), false, macro.next).slice = true;
    return true;
  }

  /// sqlc.arg(name) and its kin. True when the tokens here were one, whether good or not.
  bool replace_macro() {
    const SqlToken& first = query_.tokens[at_];
    const Macro macro = macro_from(at_);
    if (macro.name.empty()) return false;
    constexpr auto known = std::to_array<std::string_view>({"arg", "narg", "slice", "embed"});
    if (!std::ranges::contains(known, macro.name)) {
      fault(first, "sqlc." + std::string(macro.name) +
                       " is no macro; sqlc.arg, sqlc.narg, sqlc.slice and sqlc.embed are");
      at_ = macro.next;
    } else if (macro.argument == nullptr) {
      fault(first, "expected one name, as in sqlc." + std::string(macro.name) + "(name)");
      at_ = query_.tokens.size();
    } else if (macro.name == "embed") {
      embed(first, *macro.argument, macro.next);
    } else {
      NamedParameter& parameter =
          replace(first, name_in(*macro.argument), macro.name == "narg", macro.next);
      parameter.slice = parameter.slice || macro.name == "slice";
    }
    return true;
  }

  void embed(const SqlToken& first, const SqlToken& argument, std::size_t next) {
    const std::string name = catalog_name(argument);
    if (name.empty()) {
      fault(first, "expected a table or an alias, as in sqlc.embed(users)");
    }
    const std::string written(argument.text);
    std::string alias;
    std::size_t after = next - 1;
    if (const SqlToken* as = following(after); as != nullptr && as->is_word("as")) {
      if (const SqlToken* label = following(after)) {
        alias = catalog_name(*label);
        if (alias.empty()) fault(*label, "expected a name after AS");
        next = after + 1;
      }
    }
    out_.embeds.push_back({name, written, std::move(alias), out_.sql.size(), first.begin});
    put(first, written + ".*");
    at_ = next;
  }

  /// The macro that begins at a token; its name is empty when none does.
  Macro macro_from(std::size_t index) const {
    if (!query_.tokens[index].is_word("sqlc")) return {};
    const SqlToken* dot = following(index);
    const SqlToken* name = following(index);
    const SqlToken* open = following(index);
    if (open == nullptr || !dot->is_symbol(".") || !open->is_symbol("(")) return {};
    Macro macro{name->text, following(index), 0};
    const SqlToken* close = following(index);
    if (close == nullptr || !close->is_symbol(")")) macro.argument = nullptr;
    macro.next = index + 1;
    return macro;
  }

  static std::string_view name_in(const SqlToken& argument) {
    if (argument.kind != SqlToken::Kind::string) return argument.text;
    return argument.text.substr(1, argument.text.size() - 2);
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
  bool named_ = false;
  bool mixed_ = false;
};

}  // namespace

std::size_t RewrittenSql::source_offset(std::size_t offset) const noexcept {
  const auto after = std::ranges::upper_bound(pieces, offset, {}, &Piece::begin);
  if (after == pieces.begin()) return 0;
  const Piece& piece = *std::prev(after);
  return piece.copied ? piece.source + (offset - piece.begin) : piece.source;
}

std::size_t RewrittenSql::source_of_character(int position) const noexcept {
  return source_offset(schema::offset_of_character(sql, position));
}

RewrittenSql rewrite_parameters(const SourceFile& source, const QueryText& query,
                                Diagnostics& diagnostics) {
  return Rewriter(source, query, diagnostics).run();
}

}  // namespace loci::sqlgen
