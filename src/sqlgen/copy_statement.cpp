#include "sqlgen/copy_statement.hpp"

#include "sqlgen/sql_names.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace loci::sqlgen {
namespace {

using schema::SqlToken;

/// Thrown within this file alone.
struct Refusal {
  NoCopy why;
};

class Reader {
public:
  explicit Reader(std::span<const SqlToken> tokens) {
    std::ranges::copy_if(tokens, std::back_inserter(tokens_), &SqlToken::significant);
  }

  CopyStatement run() {
    take_word("insert");
    take_word("into");
    CopyStatement made;
    made.sql = "copy " + take_name();
    if (at_symbol(".")) {
      ++at_;
      made.sql += "." + take_name();
    }
    made.sql += " (";
    std::size_t columns = 0;
    take_symbol("(", "name the columns, as in `insert into users (id, name) values ...`");
    do {
      made.sql += (columns++ == 0 ? "" : ", ") + take_name();
    } while (take_comma());
    take_symbol(")", "the columns are names and nothing else");
    made.sql += ") from stdin (format binary)";
    take_word("values");
    take_symbol("(", k_one_row);
    do {
      made.parameters.push_back(take_parameter(made));
    } while (take_comma());
    take_symbol(")", "every value must be a parameter, and nothing else");
    if (at_ != tokens_.size()) refuse(k_one_row);
    if (made.parameters.size() != columns) refuse("a value for each column is needed");
    return made;
  }

private:
  static constexpr const char* k_one_row =
      "`insert into ... values (...)` with one row of parameters and nothing after it is all that "
      "COPY can do";

  [[noreturn]] void refuse(std::string message) const {
    const std::size_t offset = tokens_.empty()        ? 0
                               : at_ < tokens_.size() ? tokens_[at_].begin
                                                      : tokens_.back().begin;
    throw Refusal{{offset, std::move(message)}};
  }
  bool at_symbol(std::string_view symbol) const {
    return at_ < tokens_.size() && tokens_[at_].is_symbol(symbol);
  }
  void take_symbol(std::string_view symbol, const char* why) {
    if (!at_symbol(symbol)) refuse(why);
    ++at_;
  }
  bool take_comma() {
    if (!at_symbol(",")) return false;
    ++at_;
    return true;
  }
  void take_word(std::string_view word) {
    if (at_ == tokens_.size() || !tokens_[at_].is_word(word)) refuse(k_one_row);
    ++at_;
  }
  /// A name as it was written.
  std::string take_name() {
    if (at_ == tokens_.size() || catalog_name(tokens_[at_]).empty()) refuse(k_one_row);
    return std::string(tokens_[at_++].text);
  }
  std::size_t take_parameter(const CopyStatement& made) {
    if (at_ == tokens_.size() || tokens_[at_].kind != SqlToken::Kind::parameter) {
      refuse("every value must be a parameter, and nothing else");
    }
    const std::string_view digits = tokens_[at_].text.substr(1);
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (std::ranges::contains(made.parameters, number - 1)) {
      refuse("a parameter may stand for one column only");
    }
    ++at_;
    return number - 1;
  }

  std::vector<SqlToken> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<CopyStatement, NoCopy> copy_statement(std::span<const SqlToken> tokens) {
  try {
    return Reader(tokens).run();
  } catch (Refusal& refusal) {
    return std::unexpected(std::move(refusal.why));
  }
}

}  // namespace loci::sqlgen
