#pragma once
#include "schema/sql_lexer.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::schema {

/// A name as a statement writes it.
struct SqlName {
  std::string text;  ///< With its schema and quotes: fit for SQL again.
  std::string last;  ///< The last part as the catalog holds it.
};

/// Walks over one statement, word by word; spaces and comments are not seen. Copies are cheap
/// enough to look ahead with. The tokens must outlive it.
class StatementReader {
public:
  explicit StatementReader(std::span<const SqlToken> statement);

  [[nodiscard]] bool done() const noexcept { return at_ >= tokens_.size(); }
  [[nodiscard]] const SqlToken& token() const noexcept { return *tokens_[at_]; }  ///< Not done().
  [[nodiscard]] std::size_t remaining() const noexcept { return tokens_.size() - at_; }

  /// The next are these words or symbols, lower case, a space between them.
  [[nodiscard]] bool ahead(std::string_view words) const;
  /// The same, and goes past them when they are.
  bool accept(std::string_view words);
  /// These words come somewhere from here on, outside parentheses.
  [[nodiscard]] bool later(std::string_view words) const;

  void step() noexcept { ++at_; }  ///< Past the next token. Not done().
  void skip();                     ///< The same; past all of a pair of parentheses.
  /// Takes a name with or without its schema; nothing when none is here.
  std::optional<SqlName> name();

  /// What comes up to a comma outside parentheses, which is passed too.
  [[nodiscard]] StatementReader up_to_comma();

private:
  StatementReader() = default;
  std::vector<const SqlToken*> tokens_;
  std::size_t at_ = 0;
};

/// An identifier as the catalog holds it: lower case unless quoted.
[[nodiscard]] std::string folded(const SqlToken& identifier);

}  // namespace loci::schema
