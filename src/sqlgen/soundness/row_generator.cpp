#include "sqlgen/soundness/row_generator.hpp"

#include <loci/pg/quote.hpp>

#include <algorithm>
#include <utility>

namespace loci::sqlgen {
namespace {

/// Conditions and unique keys refuse some rows; after so many attempts for each, fewer must do.
constexpr int attempts_per_row = 8;

/// Never inside the part of the rows that nobody refers to.
std::size_t referred_rows(std::size_t rows) {
  return rows - rows / 3;
}

}  // namespace

RowGenerator::RowGenerator(TextSession& session, SampleValues& samples,
                           const std::vector<TableShape>& tables, std::vector<std::string> hints)
    : session_(session), tables_(tables) {
  std::map<std::string, std::vector<std::string>> hinted;
  for (const TableShape& table : tables) {
    const std::vector<std::string> named = literals_of(table.conditions);
    std::vector<Choices>& columns = choices_.emplace_back();
    for (const TableShape::Column& column : table.columns) {
      const auto [found, is_new] = hinted.try_emplace(column.type_text);
      if (is_new) found->second = samples.accepted(hints, column.type_text);
      columns.push_back({fitting(samples.accepted(named, column.type_text), column),
                         fitting(found->second, column),
                         fitting(samples.of(column.type_text), column)});
    }
  }
}

/// Those that the column's own conditions allow; all of them when that cannot be asked.
std::vector<std::string> RowGenerator::fitting(std::vector<std::string> values,
                                               const TableShape::Column& column) {
  if (column.condition.empty() || values.empty()) return values;
  std::string list;
  for (const std::string& value : values) {
    list += (list.empty() ? "(" : ", (") + pg::quote_literal(value) + "::text)";
  }
  const auto rows =
      session_.attempt_rows("select given from (select given, given::" + column.type_text + " as " +
                            column.name + " from (values " + list + ") as v (given)) as t where (" +
                            column.condition + ") is not false");
  if (!rows) return values;
  values.clear();
  for (const TextRow& row : *rows) values.push_back(*row[0]);
  return values;
}

TableRows RowGenerator::fill(Options options, std::vector<std::string>& refusals) {
  random_.seed(options.seed);
  rows_.assign(tables_.size(), {});
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (options.some_tables_empty && chance(0.25)) continue;
    fill_table(i, options, refusals[i]);
  }
  refresh_materialized_views();
  return rows_;
}

void RowGenerator::fill_table(std::size_t table, const Options& options, std::string& refusal) {
  int made = 0;
  std::string reason;
  for (int i = 0; i < options.rows * attempts_per_row && made < options.rows; ++i) {
    // The first row is whole, and the second tries to be as empty as it may.
    const bool is_empty = options.all_null || (made == 1 && i < attempts_per_row);
    const double null_share = is_empty ? 1.0 : made == 0 ? 0.0 : 0.35;
    const auto error = session_.attempt(insert_of(tables_[table], make_row(table, null_share)));
    if (error) {
      reason = error->server()->message;
      continue;
    }
    ++made;
    // Rows that refer to rows of their own table want to see them.
    read_back(table);
  }
  if (made == 0) refusal = reason;
}

TextRow RowGenerator::make_row(std::size_t table, double null_share) {
  const TableShape& shape = tables_[table];
  TextRow row(shape.columns.size());
  std::vector<bool> is_set(shape.columns.size());
  set_references(table, null_share, row, is_set);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (is_set[i] || (shape.columns[i].nullable && chance(null_share))) continue;
    if (const std::string* value = pick(choices_[table][i])) row[i] = *value;
  }
  return row;
}

void RowGenerator::set_references(std::size_t table, double null_share, TextRow& row,
                                  std::vector<bool>& is_set) {
  const TableShape& shape = tables_[table];
  for (const TableShape::ForeignKey& key : shape.foreign_keys) {
    const auto may_be_null = [&](std::size_t column) { return shape.columns[column].nullable; };
    const auto& targets = rows_[key.target];
    if (std::ranges::any_of(key.columns, may_be_null) && (targets.empty() || chance(null_share))) {
      for (const std::size_t column : key.columns) {
        if (may_be_null(column)) is_set[column] = true;
      }
      continue;
    }
    if (targets.empty()) continue;
    const TextRow& target = targets[below(referred_rows(targets.size()))];
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
      row[key.columns[i]] = target[key.target_columns[i]];
      is_set[key.columns[i]] = true;
    }
  }
}

const std::string* RowGenerator::pick(const Choices& choices) {
  const std::vector<std::string>* list = &choices.general;
  const double lot = std::uniform_real_distribution<>(0, 1)(random_);
  if (!choices.apt.empty() && lot < 0.5) list = &choices.apt;
  if (!choices.hinted.empty() && lot > 0.75) list = &choices.hinted;
  // Half of all picks fall on the first few, so that values meet again elsewhere.
  if (list->empty()) return nullptr;
  const std::size_t size = chance(0.5) ? std::min<std::size_t>(list->size(), 5) : list->size();
  return &(*list)[below(size)];
}

std::string RowGenerator::insert_of(const TableShape& table, const TextRow& row) const {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].generated) continue;
    const std::string_view comma = names.empty() ? "" : ", ";
    (names += comma) += table.columns[i].name;
    (values += comma) += row[i] ? pg::quote_literal(*row[i]) : "null";
  }
  if (names.empty()) return "insert into " + table.name + " default values";
  return "insert into " + table.name + " (" + names + ") overriding system value values (" +
         values + ")";
}

void RowGenerator::read_back(std::size_t table) {
  const TableShape& shape = tables_[table];
  std::string columns;
  for (const TableShape::Column& column : shape.columns) {
    columns += (columns.empty() ? "" : ", ") + column.name + "::text";
  }
  rows_[table] = session_.rows("select " + columns +
                               (shape.partitioned ? " from " : " from only ") + shape.name);
}

void RowGenerator::refresh_materialized_views() {
  // In the order they were made, so that one may read another.
  const auto views =
      session_.rows("select oid::regclass::text from pg_class where relkind = 'm' order by oid");
  for (const TextRow& view : views) session_.attempt("refresh materialized view " + *view[0]);
}

}  // namespace loci::sqlgen
