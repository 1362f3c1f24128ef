#pragma once
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "sqlgen/query.hpp"
#include "sqlgen/soundness/row_generator.hpp"

namespace loci::sqlgen {

/// Parameters for a query: values that stand in the tables, so that its conditions hold for some
/// rows; NULL where a parameter may be NULL.
class ParameterValues {
public:
  ParameterValues(TextSession& session, SampleValues& samples,
                  const std::vector<TableShape>& tables)
      : session_(session), samples_(samples), tables_(tables) {}

  void use_rows(TableRows rows) { rows_ = std::move(rows); }

  /// Starts a series for a query; the same seed gives the same series.
  void begin(const Query& query, unsigned seed);

  /// `('a', null)`; nothing for a query without parameters.
  [[nodiscard]] std::string next(const Query& query);

private:
  using Cell = std::pair<std::size_t, std::size_t>;  ///< Table and column.

  std::vector<Cell> cells_of(std::uint32_t type, std::string_view name) const;
  TextField value_for(std::size_t parameter);
  TextField array_for(std::size_t parameter);
  const TextField* from_rows(const std::vector<Cell>& cells);
  std::size_t below(std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  }

  struct Source {
    std::vector<Cell> namesakes;  ///< Columns of its type and name.
    std::vector<Cell> cells;      ///< Columns of its type.
    std::vector<std::string> samples;
    bool array = false;  ///< The above are of its elements.
    bool nullable_elements = false;
  };

  TextSession& session_;
  SampleValues& samples_;
  const std::vector<TableShape>& tables_;
  TableRows rows_;
  std::vector<Source> sources_;
  std::size_t row_ = 0;  ///< Preferred for all parameters of one run, so that they go together.
  std::mt19937 random_;
};

}  // namespace loci::sqlgen
