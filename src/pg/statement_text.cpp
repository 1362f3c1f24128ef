#include "pg/statement_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace loci::pg {
namespace {

bool is_letter(char c) noexcept {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool same_word(std::string_view word, std::string_view lower) noexcept {
  return std::ranges::equal(
      word, lower, [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::string_view first_word(std::string_view sql) noexcept {
  const std::size_t begin = sql.find_first_not_of(" \t\r\n(");
  if (begin == std::string_view::npos) return {};
  sql.remove_prefix(begin);
  const auto end = std::ranges::find_if_not(sql, is_letter);
  return sql.substr(0, static_cast<std::size_t>(end - sql.begin()));
}

}  // namespace

bool is_copy(std::string_view sql) noexcept {
  return same_word(first_word(sql), "copy");
}

bool may_be_shared(std::string_view sql) noexcept {
  constexpr std::array<std::string_view, 5> words{"select", "with", "values", "table", "show"};
  const std::string_view word = first_word(sql);
  return std::ranges::any_of(words, [&](std::string_view each) { return same_word(word, each); });
}

}  // namespace loci::pg
