#include "sqlgen/migration_text.hpp"

#include "schema/migration_text.hpp"
#include "schema/sql_lexer.hpp"
#include "sqlgen/blanked.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace loci::sqlgen {
namespace {

using schema::SqlToken;

using schema::DirectionMarker;

/// What pg_dump sets in its own session. `check_function_bodies` is not among them: its functions
/// may name tables that come later.
constexpr std::array<std::string_view, 12> dump_settings = {
    "client_encoding",     "client_min_messages",
    "default_tablespace",  "default_table_access_method",
    "default_with_oids",   "idle_in_transaction_session_timeout",
    "lock_timeout",        "row_security",
    "statement_timeout",   "standard_conforming_strings",
    "transaction_timeout", "xmloption"};

using Words = std::span<const SqlToken>;

bool sets_for_dump(Words words) {
  const auto names_setting = [](const SqlToken& token) {
    return std::ranges::any_of(dump_settings, [&](auto name) { return token.is_word(name); });
  };
  if (words.size() > 2 && words[0].is_word("set")) return names_setting(words[1]);
  return words.size() > 3 && words[0].is_word("select") && words[1].is_word("pg_catalog") &&
         words[3].is_word("set_config");
}

bool copies_rows(Words words) {
  if (words.empty() || !words[0].is_word("copy")) return false;
  const auto source = std::ranges::adjacent_find(
      words, [](const auto& a, const auto& b) { return a.is_word("from") && b.is_word("stdin"); });
  return source != words.end();
}

class ForServer {
public:
  ForServer(const SourceFile& file, Diagnostics& diagnostics)
      : file_(file), text_(file.text), diagnostics_(diagnostics) {}

  std::string run() {
    while (at_ < text_.size()) scan();
    return std::move(out_);
  }

private:
  /// Copies up to the next thing to leave out, leaves it out, and returns: what comes behind it is
  /// lexed anew, since quotes in it meant nothing.
  void scan() {
    const std::size_t base = at_;
    const schema::LexedSql lexed = schema::lex_sql(text_.substr(base));
    std::vector<SqlToken> words;  // of the statement so far
    for (const SqlToken& token : lexed.tokens) {
      const std::size_t begin = base + token.begin;
      const std::size_t end = base + token.end();
      if (token.kind == SqlToken::Kind::comment && first_on_line(begin) &&
          schema::direction_marker(token.text) == DirectionMarker::down) {
        return leave_out(begin, next_up(end));
      }
      if (token.kind == SqlToken::Kind::other) {
        if (token.text == "\\") return leave_out_meta(begin);
        if (token.text == "{") report_template(begin);
      }
      if (!token.significant()) continue;
      if (token.kind != SqlToken::Kind::semicolon) {
        words.push_back(token);
        continue;
      }
      const std::size_t statement = words.empty() ? begin : base + words.front().begin;
      if (sets_for_dump(words)) leave_out(statement, end);
      if (copies_rows(words)) return leave_out(statement, end_of_rows(end));
      words.clear();
    }
    copy_to(text_.size());
  }

  bool first_on_line(std::size_t offset) const {
    const std::size_t line = text_.rfind('\n', offset) + 1;  // npos + 1 is 0
    return text_.substr(line, offset - line).find_first_not_of(" \t") == std::string_view::npos;
  }
  std::size_t end_of_line(std::size_t offset) const {
    return std::min(text_.find('\n', offset), text_.size());
  }

  std::size_t next_up(std::size_t offset) const {
    while ((offset = end_of_line(offset)) < text_.size()) {
      ++offset;
      const std::string_view line = text_.substr(offset, end_of_line(offset) - offset);
      if (schema::direction_marker(line) == DirectionMarker::up) break;
    }
    return offset;
  }

  /// Behind the line `\.` that ends the rows of a COPY.
  std::size_t end_of_rows(std::size_t offset) const {
    while ((offset = end_of_line(offset)) < text_.size()) {
      ++offset;
      const std::size_t end = end_of_line(offset);
      if (text_.substr(offset, end - offset) == "\\.") return end;
    }
    return offset;
  }

  void leave_out_meta(std::size_t begin) {
    const std::size_t end = end_of_line(begin);
    const std::string line = schema::squeezed(text_.substr(begin, end - begin));
    const std::string word = line.substr(0, line.find(' '));
    for (const std::string_view needed : {"\\i", "\\ir", "\\include", "\\include_relative"}) {
      if (word == needed) {
        diagnostics_.add(file_, begin,
                         word +
                             " brings in another file, which only psql does; name that file "
                             "among the schema's paths");
      }
    }
    for (const std::string_view needed : {"\\if", "\\elif", "\\else", "\\gexec"}) {
      if (word == needed) {
        diagnostics_.add(file_, begin, "what " + word + " does depends on psql, not on the SQL");
      }
    }
    const bool rows = word == "\\copy" && line.contains("from stdin");
    leave_out(begin, rows ? end_of_rows(end) : end);
  }

  void report_template(std::size_t offset) {
    if (offset > 0 && text_[offset - 1] == '$') {
      diagnostics_.add(file_, offset - 1,
                       "only goose fills in ${...}; give loci-sqlgen a schema without it");
    } else if (text_.substr(offset).starts_with("{{")) {
      diagnostics_.add(file_, offset,
                       "only tern fills in {{ ... }}; give loci-sqlgen a schema without it, such "
                       "as one that pg_dump --schema-only writes");
    }
  }

  void copy_to(std::size_t end) {
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }
  void leave_out(std::size_t begin, std::size_t end) {
    copy_to(begin);
    out_ += blanked(text_.substr(begin, end - begin));
    at_ = end;
  }

  const SourceFile& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

SourceFile for_server(const SourceFile& file, Diagnostics& diagnostics) {
  return {file.name, file.path, ForServer(file, diagnostics).run()};
}

}  // namespace loci::sqlgen
