#pragma once
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "sqlgen/soundness/sample_values.hpp"
#include "sqlgen/soundness/table_shapes.hpp"
#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen {

/// Rows as the server has them, by the place of their table in a list of tables.
using TableRows = std::vector<std::vector<TextRow>>;

/// Puts rows into tables: some without a NULL, one with NULL wherever it may be, others in between;
/// some that refer to each other and some that nobody refers to.
class RowGenerator {
public:
  struct Options {
    int rows = 8;  ///< Wanted in each table.
    bool some_tables_empty = false;
    bool all_null = false;  ///< NULL wherever it may be, in every row.
    unsigned seed = 0;
  };

  /// `hints`: literals of the queries, so that filters hit.
  RowGenerator(TextSession& session, SampleValues& samples, const std::vector<TableShape>& tables,
               std::vector<std::string> hints);

  /// What is in the tables afterwards. `refusals[i]` gets the server's reason when table i took no
  /// row. Materialised views are refreshed.
  [[nodiscard]] TableRows fill(Options options, std::vector<std::string>& refusals);

private:
  struct Choices {
    std::vector<std::string> apt;     ///< Named in the table's conditions.
    std::vector<std::string> hinted;  ///< Named in queries.
    std::vector<std::string> general;
  };

  std::vector<std::string> fitting(std::vector<std::string> values,
                                   const TableShape::Column& column);
  void fill_table(std::size_t table, const Options& options, std::string& refusal);
  TextRow make_row(std::size_t table, double null_share);
  void set_references(std::size_t table, double null_share, TextRow& row,
                      std::vector<bool>& is_set);
  const std::string* pick(const Choices& choices);
  std::string insert_of(const TableShape& table, const TextRow& row) const;
  void read_back(std::size_t table);
  void refresh_materialized_views();
  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  std::size_t below(std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  }

  TextSession& session_;
  const std::vector<TableShape>& tables_;
  std::vector<std::vector<Choices>> choices_;  ///< By table and column.
  TableRows rows_;
  std::mt19937 random_;
};

}  // namespace loci::sqlgen
