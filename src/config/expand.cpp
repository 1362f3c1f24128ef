#include "config/expand.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace loci::config {

namespace {

constexpr std::size_t k_longest = 64 * 1024;

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && std::ranges::all_of(text, fits) && (text[0] < '0' || text[0] > '9');
}

// Of what stands between the braces.
std::expected<std::string, std::string> value_of(std::string_view inside,
                                                 const Environment& environment) {
  const std::size_t mark = inside.find(":-");
  const std::string name(inside.substr(0, mark));
  if (!is_name(name)) return std::unexpected("between ${ and } stands the name of a variable");
  std::string value = environment(name.c_str()).value_or("");
  if (!value.empty()) return value;
  if (mark == std::string_view::npos) {
    return std::unexpected("the variable " + name + " is not set; ${" + name +
                           ":-...} gives it a default");
  }
  const std::string_view fallback = inside.substr(mark + 2);
  if (fallback.contains("${")) return std::unexpected("a default in ${...} holds no other ${");
  return std::string(fallback);
}

}  // namespace

std::expected<std::string, std::string> expand(const std::string& text,
                                               const Environment& environment) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = text.find("${", at);
    out += text.substr(at, begin - at);
    if (out.size() > k_longest) return std::unexpected("this is over 64 kB with its variables");
    if (begin == std::string::npos) return out;
    if (begin > at && text[begin - 1] == '$') {
      out += '{';
      at = begin + 2;
      continue;
    }
    const std::size_t end = text.find('}', begin);
    if (end == std::string::npos) return std::unexpected("a ${ has no }");
    const std::string_view inside = std::string_view(text).substr(begin + 2, end - begin - 2);
    const auto value = value_of(inside, environment);
    if (!value) return value;
    out += *value;
    at = end + 1;
  }
}

}  // namespace loci::config
