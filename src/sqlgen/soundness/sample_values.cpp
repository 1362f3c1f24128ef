#include "sqlgen/soundness/sample_values.hpp"

#include <loci/pg/quote.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "schema/sql_lexer.hpp"

namespace loci::sqlgen {
namespace {

using schema::SqlToken;

/// Few, so that joins by text find partners.
std::vector<std::string> words() {
  return {"a", "b", "c", "A", "", "ab", "a b", "x1"};
}

/// For every other type, a line each: it takes what it accepts.
constexpr std::string_view texts = R"text({"a": 1, "b": null}
{}
{"a": {"b": [1]}, "c": "t"}
[{"a": 1, "b": "x"}, {}]
null
1
2
3
4
5
6
7
8
0
-1
1.5
NaN
true
false
2024-01-01
2024-06-15
2025-03-01
infinity
2024-01-01 10:00:00
2024-06-15 23:59:59+02
10:00
12:30:00
1 day
2 hours
-1 month
00000000-0000-0000-0000-000000000001
00000000-0000-0000-0000-000000000002
00000000-0000-0000-0000-000000000003
00000000-0000-0000-0000-000000000004
00000000-0000-0000-0000-000000000005
00000000-0000-0000-0000-000000000006
[]
[1, null, "x"]
"s"
empty
[1,5)
(,)
(1,)
[2024-01-01,2024-02-01)
(1,a)
(a,1)
(1,1)
101
\x
\x00ff
10.0.0.1
::1
[1]
[1,2]
[1,2,3]
[0,0,0]
[1,2,3,4]
{1:1}/3
<a/>
a
b
08:00:2b:01:02:03)text";

constexpr std::string_view type_sql = R"sql(
select case when t.typcategory = 'A' then format_type(t.typelem, null) end, (t.typcategory = 'S')::text,
       (select coalesce(string_agg(pg_get_constraintdef(k.oid), ' '), '')
          from pg_constraint k where k.contypid = t.oid),
       (select coalesce(array_to_string(array_agg(e.enumlabel order by e.enumsortorder), E'\n'), '')
          from pg_enum e where e.enumtypid in (t.oid, t.typbasetype))
  from pg_type t
 where t.oid = to_regtype(
)sql";

std::vector<std::string> labels_in(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// What a plain '...' token says; nothing of the rarer forms.
std::string unquoted(std::string_view token) {
  std::string text;
  if (token.size() < 2 || token.front() != '\'') return text;
  token = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < token.size(); ++i) {
    text += token[i];
    if (token[i] == '\'') ++i;
  }
  return text;
}

}  // namespace

const std::vector<std::string>& SampleValues::of(const std::string& type) {
  const auto known = known_.find(type);
  if (known != known_.end()) return known->second;
  return known_[type] = make(type);
}

std::vector<std::string> SampleValues::accepted(const std::vector<std::string>& candidates,
                                                const std::string& type) {
  if (candidates.empty()) return {};
  const std::string quoted_type = pg::quote_literal(type);
  const auto ask = [&](const std::string& list) {
    std::vector<std::string> found;
    const std::string sql = "select v from (values " + list +
                            ") as t (v) where pg_input_is_valid(v, " + quoted_type + ")";
    // A type that throws instead of saying no must not end the transaction.
    if (session_.attempt("create temp table accepted on commit drop as " + sql)) return found;
    for (TextRow& row : session_.rows("select v from accepted"))
      found.push_back(std::move(*row[0]));
    session_.attempt("drop table accepted");
    return found;
  };
  std::string list;
  for (const std::string& text : candidates) {
    list += (list.empty() ? "(" : ", (") + pg::quote_literal(text) + "::text)";
  }
  std::vector<std::string> found = ask(list);
  if (!found.empty()) return found;
  for (const std::string& text : candidates) {
    std::ranges::move(ask("(" + pg::quote_literal(text) + "::text)"), std::back_inserter(found));
  }
  return found;
}

std::vector<std::string> SampleValues::make(const std::string& type) {
  const auto facts = session_.rows(std::string(type_sql) + pg::quote_literal(type) + ")");
  if (facts.empty()) return accepted(words(), type);
  const TextRow& row = facts.front();
  std::vector<std::string> candidates = labels_in(*row[3]);
  std::ranges::move(literals_of(*row[2]), std::back_inserter(candidates));
  if (row[0]) {
    const std::vector<std::string> elements = of(*row[0]);
    candidates = {"{}", "{NULL}"};
    for (std::size_t i = 0; i < elements.size() && i < 6; ++i) {
      candidates.push_back(array_text({elements[i]}));
      candidates.push_back(array_text({elements[i], std::nullopt}));
      const std::string& next = elements[(i + 1) % elements.size()];
      candidates.push_back(array_text({elements[i], next}));
      candidates.push_back(array_text({elements[i], next, elements[i]}));
    }
  } else {
    std::ranges::move(row[1] == "true" ? words() : labels_in(texts),
                      std::back_inserter(candidates));
  }
  return accepted(candidates, type);
}

std::vector<std::string> literals_of(std::string_view sql) {
  std::vector<std::string> literals;
  const schema::LexedSql lexed = schema::lex_sql(sql);
  for (const SqlToken& token : lexed.tokens) {
    if (token.kind == SqlToken::Kind::string) literals.push_back(unquoted(token.text));
    if (token.kind != SqlToken::Kind::number) continue;
    literals.emplace_back(token.text);
    std::int32_t whole = 0;
    const char* const end = token.text.data() + token.text.size();
    if (std::from_chars(token.text.data(), end, whole).ptr != end || whole >= 1'000'000'000)
      continue;
    literals.push_back(std::to_string(whole - 1));
    literals.push_back(std::to_string(whole + 1));
  }
  std::ranges::sort(literals);
  const auto repeated = std::ranges::unique(literals);
  literals.erase(repeated.begin(), repeated.end());
  return literals;
}

std::string array_text(const std::vector<TextField>& elements) {
  std::string text = "{";
  for (const TextField& element : elements) {
    if (text.size() > 1) text += ',';
    if (!element) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (const char c : *element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace loci::sqlgen
