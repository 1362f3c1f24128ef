#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// PostgreSQL's lexical rules: what is a string, a comment, a word, where a statement ends. Shared
/// by the migrator and by loci-sqlgen; nothing here knows grammar.
namespace loci::schema {

struct SqlToken {
  enum class Kind : std::uint8_t {
    space,
    comment,      ///< `-- ...` without its line end, or a whole (nested) block comment.
    string,       ///< '...', E'...', U&'...', B'...', X'...', N'...', $tag$...$tag$
    word,         ///< A keyword or unquoted identifier.
    quoted_word,  ///< "..." or U&"..."
    number,
    parameter,        ///< $1
    named_parameter,  ///< @name
    op,               ///< An operator, by PostgreSQL's rules on trailing + and -.
    symbol,           ///< One of ( ) [ ] , . .. : :: :=
    semicolon,
    other,  ///< A byte that starts nothing PostgreSQL knows.
  };
  Kind kind;
  std::size_t begin;  ///< Offset in the text that was lexed.
  std::string_view text;

  [[nodiscard]] std::size_t end() const noexcept { return begin + text.size(); }
  [[nodiscard]] bool significant() const noexcept {
    return kind != Kind::space && kind != Kind::comment;
  }
  /// An unquoted word, whatever its case. `lower` must be lower case.
  [[nodiscard]] bool is_word(std::string_view lower) const noexcept;
  [[nodiscard]] bool is_symbol(std::string_view symbol) const noexcept {
    return kind == Kind::symbol && text == symbol;
  }
};

/// Why lexing could not go on: a string, comment or quoted name that is never closed.
struct SqlFault {
  std::size_t offset;  ///< Where the unclosed thing begins.
  std::string message;
};

struct LexedSql {
  std::vector<SqlToken> tokens;  ///< Joined, they are the text again, whatever its bytes.
  std::optional<SqlFault> fault;
};

/// Cuts any bytes into tokens; views point into `text`. Never fails: an unclosed string, comment or
/// quoted name reaches to the end of the text and is reported as the fault.
///
/// `@` begins a named parameter when a letter or `_` follows it directly and it does not end one of
/// the operators `<@ @@ ^@ ?@ ^<@ ?<@ @-@`. So `id =@id` is `=` and a parameter, `a <@@b` is `<@`
/// and a parameter, and the operator `@` (absolute value) needs a space after it.
[[nodiscard]] LexedSql lex_sql(std::string_view text);

/// The statements among `tokens`, cut at `;` outside parentheses and outside BEGIN ATOMIC bodies.
/// Each begins and ends with a significant token; empty ones are left out, the `;` is not included.
[[nodiscard]] std::vector<std::span<const SqlToken>> split_statements(
    std::span<const SqlToken> tokens);

/// The statements of a text, without comments around them and without `;`.
/// Errors: Error{invalid_input} `line:column: what is unclosed`.
[[nodiscard]] std::vector<std::string_view> split_statements(std::string_view text);

/// Line and column, both from 1; the column counts characters, not bytes.
struct TextPosition {
  int line = 1;
  int column = 1;
  bool operator==(const TextPosition&) const = default;
};
[[nodiscard]] TextPosition position_at(std::string_view text, std::size_t offset) noexcept;

/// The offset of a character counted from 1, as the server tells places; 0 gives the beginning.
[[nodiscard]] std::size_t offset_of_character(std::string_view text, int character) noexcept;

}  // namespace loci::schema
