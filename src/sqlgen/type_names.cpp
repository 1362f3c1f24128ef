#include "sqlgen/type_names.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <ranges>

namespace loci::sqlgen {

TypeNames::TypeNames(const Catalog& catalog, const EmitOptions& options) {
  std::map<std::string, std::uint32_t> by_name;  // OIDs differ from run to run, names do not
  for (const auto& [oid, facts] : catalog.types) {
    using Kind = TypeFacts::Kind;
    if (facts.kind == Kind::enumeration || facts.kind == Kind::composite) {
      by_name.emplace(facts.name, oid);
    }
  }
  for (const auto& [sql_name, oid] : by_name) {
    std::string key = sql_name;
    std::ranges::replace(key, '.', '_');
    const auto renamed = options.rename.find(key);
    std::string name = renamed != options.rename.end() ? renamed->second : camel_case(sql_name);
    while (taken(name) || is_reserved_type_name(name)) name += '_';
    names_.emplace(oid, std::move(name));
  }
}

const std::string* TypeNames::find(std::uint32_t type) const noexcept {
  const auto found = names_.find(type);
  return found == names_.end() ? nullptr : &found->second;
}

bool TypeNames::taken(std::string_view name) const noexcept {
  return std::ranges::contains(names_ | std::views::values, name);
}

std::vector<std::string> enumerators(const std::vector<std::string>& labels,
                                     const EmitOptions& options) {
  std::vector<std::string> names;
  for (const std::string& label : labels) {
    const auto renamed = options.rename.find(label);
    names.push_back(
        member_name(renamed != options.rename.end() ? renamed->second : label, "value_"));
  }
  return made_unique(names);
}

}  // namespace loci::sqlgen
