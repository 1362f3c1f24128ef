#include "sqlgen/vet/allowances.hpp"

#include <algorithm>

namespace loci::sqlgen {
namespace {

constexpr std::string_view key = "loci-sqlgen:";
constexpr std::string_view sqlc_key = "@sqlc-vet-disable";

/// Takes the first word off the front.
std::string_view take_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(std::min(text.find_first_not_of(" \t", end), text.size()));
  return word;
}

void read_sqlc_line(std::string_view rules, Allowances& found) {
  std::string_view rule = take_word(rules);
  found.all = found.all || rule.empty();
  for (; !rule.empty(); rule = take_word(rules)) found.reasons.emplace(rule, sqlc_key);
}

}  // namespace

Allowances read_allowances(const std::vector<std::string>& comment_lines,
                           const std::vector<std::string>& known_rules) {
  Allowances found;
  for (const std::string_view line : comment_lines) {
    if (line.starts_with(sqlc_key)) read_sqlc_line(line.substr(sqlc_key.size()), found);
    if (!line.starts_with(key)) continue;
    std::string_view rest = line.substr(key.size());
    const std::string_view verb = take_word(rest);
    const std::string_view rule = take_word(rest);
    if (verb != "allow" || rule.empty()) {
      found.faults.emplace_back("expected `loci-sqlgen: allow RULE reason`");
    } else if (!std::ranges::contains(known_rules, rule)) {
      found.faults.push_back("`" + std::string(rule) + "` is no rule of vet");
    } else if (rest.empty()) {
      found.faults.push_back("why is `" + std::string(rule) +
                             "` allowed? `loci-sqlgen: allow RULE reason` needs a reason");
    } else {
      found.reasons.emplace(rule, rest);
    }
  }
  return found;
}

}  // namespace loci::sqlgen
