#include "sqlgen/query_text.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

namespace loci::sqlgen {

using schema::SqlToken;

namespace {

constexpr std::array<std::pair<std::string_view, Command>, 9> commands = {{
    {"one", Command::one},
    {"many", Command::many},
    {"exec", Command::exec},
    {"execrows", Command::execrows},
    {"execresult", Command::execresult},
    {"batchexec", Command::batchexec},
    {"batchone", Command::batchone},
    {"batchmany", Command::batchmany},
    {"copyfrom", Command::copyfrom},
}};

std::string all_commands() {
  std::string text;
  for (const auto& [word, command] : commands) {
    if (!text.empty())
      text += command == commands.back().second ? " and :" : ", :";
    else
      text += ':';
    text += word;
  }
  return text;
}

constexpr std::string_view white_space = " \t\n\r\f\v";
constexpr std::string_view name_key = "name:";
constexpr std::string_view nullable_elements_key = "nullable elements:";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::vector<std::string> split_trimmed(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, separator)) {
    const std::string_view word = trimmed(std::string_view(part));
    if (!word.empty()) parts.emplace_back(word);
  }
  return parts;
}

/// What a comment says, without its marks; a block's leading stars are marks too.
std::vector<std::string> comment_lines(std::string_view comment) {
  if (comment.starts_with("--")) {
    comment.remove_prefix(2);
    if (comment.starts_with(' ')) comment.remove_prefix(1);
    return {std::string(comment.substr(0, comment.find_last_not_of(white_space) + 1))};
  }
  std::vector<std::string> lines;
  for (const auto part : std::views::split(comment.substr(2, comment.size() - 4), '\n')) {
    std::string_view line = trimmed(std::string_view(part));
    if (line.starts_with('*')) line = trimmed(line.substr(1));
    lines.emplace_back(line);
  }
  while (!lines.empty() && lines.front().empty()) lines.erase(lines.begin());
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

/// White space that ends a line and leaves no line empty.
bool is_line_break(const SqlToken& token) {
  return token.kind == SqlToken::Kind::space && std::ranges::count(token.text, '\n') == 1;
}

class FileParser {
public:
  FileParser(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), lexed_(schema::lex_sql(source.text)) {}

  std::vector<QueryText> run() {
    if (lexed_.fault) {
      diagnostics_.add(source_, lexed_.fault->offset, lexed_.fault->message);
      return {};
    }
    std::vector<std::size_t> annotations;
    for (std::size_t i = 0; i < tokens().size(); ++i) {
      if (is_annotation(tokens()[i])) annotations.push_back(i);
    }
    refuse_nameless_sql(annotations.empty() ? tokens().size() : annotations.front());
    std::vector<QueryText> queries;
    for (std::size_t i = 0; i < annotations.size(); ++i) {
      const std::size_t end =
          i + 1 < annotations.size() ? doc_block_begin(annotations[i + 1]) : tokens().size();
      if (auto query = parse(annotations[i], end)) queries.push_back(std::move(*query));
    }
    return queries;
  }

private:
  const std::vector<SqlToken>& tokens() const { return lexed_.tokens; }

  void refuse_nameless_sql(std::size_t end) {
    for (const SqlToken& token : tokens() | std::views::take(end)) {
      if (!token.significant()) continue;
      diagnostics_.add(source_, token.begin,
                       "SQL before the first query; begin it with a line such as "
                       "`-- name: GetUser :one`");
      return;
    }
  }

  /// The first of the comments that stand directly above an annotation, each on a line of its own.
  std::size_t doc_block_begin(std::size_t annotation) const {
    std::size_t begin = annotation;
    while (begin >= 2 && is_line_break(tokens()[begin - 1]) &&
           tokens()[begin - 2].kind == SqlToken::Kind::comment &&
           !is_annotation(tokens()[begin - 2]) && starts_line(begin - 2)) {
      begin -= 2;
    }
    return begin;
  }

  bool starts_line(std::size_t index) const {
    if (index == 0) return true;
    const SqlToken& before = tokens()[index - 1];
    return before.kind == SqlToken::Kind::space &&
           (before.begin == 0 || before.text.contains('\n'));
  }

  std::optional<QueryText> parse(std::size_t annotation, std::size_t end) {
    QueryText query;
    query.offset = tokens()[annotation].begin;
    if (!parse_annotation(tokens()[annotation], query)) return std::nullopt;

    const std::span section = std::span(tokens()).subspan(annotation + 1, end - annotation - 1);
    const auto statements = schema::split_statements(section);
    if (statements.empty()) {
      diagnostics_.add(source_, query.offset, query.name + " has no SQL");
      return std::nullopt;
    }
    if (statements.size() > 1) {
      diagnostics_.add(source_, statements[1].front().begin,
                       query.name + " holds several statements; give each a `-- name:` line");
      return std::nullopt;
    }
    query.tokens.assign(statements[0].begin(), statements[0].end());

    for (std::size_t i = doc_block_begin(annotation); i < annotation; ++i) {
      read_comment(tokens()[i], query);
    }
    for (const SqlToken& token : section) {
      if (token.begin >= query.tokens.front().begin) break;
      read_comment(token, query);
    }
    return query;
  }

  static void read_comment(const SqlToken& token, QueryText& query) {
    if (token.kind != SqlToken::Kind::comment) return;
    for (std::string& line : comment_lines(token.text)) {
      if (line.starts_with(nullable_elements_key)) {
        const std::string_view names = std::string_view(line).substr(nullable_elements_key.size());
        std::ranges::move(split_trimmed(names, ','), std::back_inserter(query.nullable_elements));
      } else {
        query.doc.push_back(std::move(line));
      }
    }
  }

  bool parse_annotation(const SqlToken& token, QueryText& query) {
    const std::string line = comment_lines(token.text).front();
    const auto words = split_trimmed(trimmed(line).substr(name_key.size()), ' ');
    if (words.size() != 2 || !words[1].starts_with(':')) {
      return refuse(query, "expected `-- name: GetUser :one`, a name and a command");
    }
    query.name = words[0];
    if (!is_query_name(query.name)) {
      return refuse(query, "the query name `" + query.name +
                               "` must be letters, digits and _, beginning with a letter: GetUser");
    }
    if (is_reserved_query_name(camel_case(query.name))) {
      return refuse(query, "the query name `" + query.name +
                               "` is a type that generated code uses; choose another");
    }
    const auto command = std::ranges::find(commands, std::string_view(words[1]).substr(1),
                                           &std::pair<std::string_view, Command>::first);
    if (words[1] == ":execlastid") {
      return refuse(query, query.name +
                               ": PostgreSQL keeps no last insert id, so there is no :execlastid; "
                               "add `returning id` and use :one");
    }
    if (command == commands.end()) {
      return refuse(query,
                    query.name + ": `" + words[1] + "` is no command; " + all_commands() + " are");
    }
    query.command = command->second;
    return true;
  }

  bool refuse(const QueryText& query, std::string message) {
    diagnostics_.add(source_, query.offset, std::move(message));
    return false;
  }

  const SourceFile& source_;
  Diagnostics& diagnostics_;
  schema::LexedSql lexed_;
};

}  // namespace

bool is_annotation(const SqlToken& token) {
  if (token.kind != SqlToken::Kind::comment) return false;
  const std::vector<std::string> lines = comment_lines(token.text);
  return lines.size() == 1 && trimmed(lines[0]).starts_with(name_key);
}

std::string_view to_string(Command command) noexcept {
  return std::ranges::find(commands, command, &std::pair<std::string_view, Command>::second)->first;
}

std::vector<QueryText> parse_queries(const SourceFile& source, Diagnostics& diagnostics) {
  return FileParser(source, diagnostics).run();
}

}  // namespace loci::sqlgen
