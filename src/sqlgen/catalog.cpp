#include "sqlgen/catalog.hpp"

#include <algorithm>

namespace loci::sqlgen {

const TableColumn* TableFacts::column(std::int16_t number) const noexcept {
  const auto found = std::ranges::find(columns, number, &TableColumn::number);
  return found == columns.end() ? nullptr : &*found;
}

const TableColumn* TableFacts::column(std::string_view column_name) const noexcept {
  const auto found = std::ranges::find(columns, column_name, &TableColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

const TypeFacts* Catalog::type(std::uint32_t oid) const noexcept {
  const auto found = types.find(oid);
  return found == types.end() ? nullptr : &found->second;
}

const TableFacts* Catalog::table(std::uint32_t oid) const noexcept {
  const auto found = tables.find(oid);
  return found == tables.end() ? nullptr : &found->second;
}

std::uint32_t Catalog::table_named(std::string_view schema, std::string_view name) const noexcept {
  std::uint32_t only = 0;
  int times = 0;
  for (const auto& [oid, facts] : tables) {
    if (facts.name != name || (!schema.empty() && facts.schema != schema)) continue;
    if (facts.schema == "public") return oid;
    only = oid;
    ++times;
  }
  return times == 1 ? only : 0;
}

const FunctionFacts* Catalog::function(std::uint32_t oid) const noexcept {
  const auto found = functions.find(oid);
  return found == functions.end() ? nullptr : &found->second;
}

bool Catalog::forbids_null(std::uint32_t oid) const noexcept {
  for (const TypeFacts* facts = type(oid);
       facts != nullptr && facts->kind == TypeFacts::Kind::domain; facts = type(facts->inner)) {
    if (facts->not_null) return true;
  }
  return false;
}

std::string Catalog::type_name(std::uint32_t oid) const {
  const TypeFacts* facts = type(oid);
  return facts != nullptr ? facts->name : "oid " + std::to_string(oid);
}

std::uint32_t Catalog::base_type(std::uint32_t oid) const noexcept {
  for (const TypeFacts* facts = type(oid);
       facts != nullptr && facts->kind == TypeFacts::Kind::domain; facts = type(oid)) {
    oid = facts->inner;
  }
  return oid;
}

}  // namespace loci::sqlgen
