#include "sqlgen/soundness/parameter_values.hpp"

#include <loci/pg/quote.hpp>

#include <algorithm>
#include <charconv>

namespace loci::sqlgen {

void ParameterValues::begin(const Query& query, unsigned seed) {
  random_.seed(seed);
  sources_.clear();
  for (const Parameter& parameter : query.parameters) {
    const std::string oid = std::to_string(parameter.type);
    const TextRow facts = session_.rows(
        "select format_type(oid, null), case when typcategory = 'A' and typelem <> 0 then "
        "format_type(typelem, null) end, typelem::oid::text from pg_type where oid = " +
        oid)[0];
    Source source;
    source.array = facts[1].has_value();
    std::uint32_t type = parameter.type;
    if (source.array) std::from_chars(facts[2]->data(), facts[2]->data() + facts[2]->size(), type);
    source.namesakes = cells_of(type, parameter.name);
    source.cells = cells_of(type, "");
    source.samples = samples_.of(source.array ? *facts[1] : *facts[0]);
    source.nullable_elements = parameter.nullable_elements;
    sources_.push_back(std::move(source));
  }
}

std::string ParameterValues::next(const Query& query) {
  std::string list;
  row_ = below(1024);
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    list += i == 0 ? " (" : ", ";
    const bool is_null = query.parameters[i].nullable && below(3) == 0;
    const TextField value = is_null ? std::nullopt : value_for(i);
    list += value ? pg::quote_literal(*value) : "null";
  }
  return sources_.empty() ? list : list + ")";
}

std::vector<ParameterValues::Cell> ParameterValues::cells_of(std::uint32_t type,
                                                             std::string_view name) const {
  std::vector<Cell> cells;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    for (std::size_t column = 0; column < tables_[table].columns.size(); ++column) {
      const TableShape::Column& facts = tables_[table].columns[column];
      if (facts.type == type && (name.empty() || facts.name == name)) {
        cells.emplace_back(table, column);
      }
    }
  }
  return cells;
}

TextField ParameterValues::value_for(std::size_t parameter) {
  const Source& source = sources_[parameter];
  if (source.array) return array_for(parameter);
  const std::size_t lot = below(8);
  if (lot > 1) {
    if (const TextField* value = from_rows(source.namesakes)) return *value;
  }
  if (lot > 0) {
    if (const TextField* value = from_rows(source.cells)) return *value;
  }
  if (source.samples.empty()) return std::nullopt;
  return source.samples[below(source.samples.size())];
}

TextField ParameterValues::array_for(std::size_t parameter) {
  Source& source = sources_[parameter];
  source.array = false;
  std::vector<TextField> elements(below(4));
  for (TextField& element : elements) {
    element = source.nullable_elements && below(3) == 0 ? std::nullopt : value_for(parameter);
  }
  source.array = true;
  return array_text(elements);
}

const TextField* ParameterValues::from_rows(const std::vector<Cell>& cells) {
  if (cells.empty() || rows_.empty()) return nullptr;
  const auto [table, column] = cells[below(cells.size())];
  const std::vector<TextRow>& rows = rows_[table];
  if (rows.empty()) return nullptr;
  // Mostly the same row for all parameters.
  const TextField& value = rows[(below(4) == 0 ? below(rows.size()) : row_ % rows.size())][column];
  return value ? &value : nullptr;
}

}  // namespace loci::sqlgen
