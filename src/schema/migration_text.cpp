#include "schema/migration_text.hpp"

#include "schema/sql_lexer.hpp"

#include <loci/base/error.hpp>

#include <algorithm>

namespace loci::schema {
namespace {

bool begins_with_words(std::string_view text, std::string_view words) {
  return text.starts_with(words) && (text.size() == words.size() || text[words.size()] == ' ');
}

std::string_view line_at(std::string_view text, std::size_t offset) {
  return text.substr(offset, std::min(text.find('\n', offset), text.size()) - offset);
}

constexpr std::string_view k_goose_no_transaction = "-- +goose no transaction";

std::string blank(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80) out += c == '\n' ? '\n' : ' ';  // columns count characters
  }
  return out;
}

/// The same, but what goose says once for the whole file.
std::string blank_statements(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = line_at(text, at);
    const bool kept = squeezed(line) == k_goose_no_transaction;
    out += kept ? std::string(line) : blank(line);
    at += line.size();
    if (at < text.size()) out += text[at++];
  }
  return out;
}

/// The next marker outside strings, at or behind `from`. Quotes in what another tool skips mean
/// nothing, so lexing begins anew behind each marker.
std::size_t find_marker(std::string_view text, std::size_t from) {
  for (const SqlToken& token : lex_sql(text.substr(from)).tokens) {
    if (token.kind != SqlToken::Kind::comment) continue;
    const std::size_t begin = from + token.begin;
    const std::size_t line = text.substr(0, begin).rfind('\n') + 1;  // npos + 1 is 0
    const bool first = text.substr(line, begin - line).find_first_not_of(" \t") == text.npos;
    if (first && direction_marker(token.text)) return begin;
  }
  return text.size();
}

void refuse_templates(std::string_view text) {
  for (const SqlToken& token : lex_sql(text).tokens) {
    if (token.kind == SqlToken::Kind::comment && squeezed(token.text) == "-- +goose envsub on") {
      throw Error(ErrorKind::configuration,
                  "`-- +goose ENVSUB ON`: only goose fills in ${...}; write the values out");
    }
    if (token.kind == SqlToken::Kind::other && text.substr(token.begin).starts_with("{{")) {
      throw Error(ErrorKind::configuration,
                  "line " + std::to_string(position_at(text, token.begin).line) +
                      ": only tern fills in {{ }}; write the template out");
    }
  }
}

}  // namespace

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\r';
    if (!space) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::optional<DirectionMarker> direction_marker(std::string_view line) {
  const std::string text = squeezed(line);
  for (const std::string_view tool : {"-- +goose ", "-- +migrate ", "-- migrate:"}) {
    if (begins_with_words(text, std::string(tool) + "up")) return DirectionMarker::up;
    if (begins_with_words(text, std::string(tool) + "down")) return DirectionMarker::down;
  }
  if (text == "---- create above / drop below ----") return DirectionMarker::down;
  return std::nullopt;
}

bool asks_no_transaction(std::string_view sql) {
  const auto asks = [](const SqlToken& token) {
    if (token.kind != SqlToken::Kind::comment) return false;
    const std::string text = squeezed(token.text);
    if (begins_with_words(text, "-- migrate:up") || begins_with_words(text, "-- migrate:down")) {
      return text.contains("transaction:false");
    }
    if (begins_with_words(text, "-- +migrate up") || begins_with_words(text, "-- +migrate down")) {
      return text.ends_with(" notransaction");
    }
    return text == k_goose_no_transaction || text == "---- tern: disable-tx ----" ||
           begins_with_words(text, "-- loci: no transaction");
  };
  const LexedSql lexed = lex_sql(sql);
  return std::ranges::any_of(lexed.tokens, asks);
}

MigrationText split_directions(std::string_view text) {
  refuse_templates(text);
  MigrationText parts;
  bool has_down = false;
  DirectionMarker now = direction_marker(line_at(text, 0)).value_or(DirectionMarker::up);
  for (std::size_t begin = 0; begin < text.size();) {
    // The marker that a part begins with is not the one that ends it.
    const std::size_t inside =
        direction_marker(line_at(text, begin)) ? begin + line_at(text, begin).size() : begin;
    const std::size_t end = find_marker(text, inside);
    const std::string_view part = text.substr(begin, end - begin);
    parts.up += now == DirectionMarker::up ? std::string(part) : blank(part);
    parts.down += now == DirectionMarker::down ? std::string(part) : blank_statements(part);
    has_down = has_down || now == DirectionMarker::down;
    if (end < text.size()) now = *direction_marker(line_at(text, end));
    begin = end;
  }
  const auto statements = [](const std::string& part) {
    const LexedSql lexed = lex_sql(part);
    return std::ranges::any_of(lexed.tokens, &SqlToken::significant);
  };
  if (!has_down || !statements(parts.down)) parts.down.clear();
  return parts;
}

}  // namespace loci::schema
