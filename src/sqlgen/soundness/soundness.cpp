#include "sqlgen/soundness/soundness.hpp"

#include <loci/pg/quote.hpp>

#include <algorithm>
#include <utility>

#include "sqlgen/soundness/parameter_values.hpp"
#include "sqlgen/soundness/row_generator.hpp"

namespace loci::sqlgen {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> literals_in(const std::vector<const Query*>& queries) {
  std::string all;
  for (const Query* query : queries) all += query->sql + "\n;\n";
  return literals_of(all);
}

class Check {
public:
  Check(const std::string& conninfo, const std::vector<const Query*>& queries,
        const SoundnessOptions& options)
      : queries_(queries),
        options_(options),
        end_(Clock::now() + options.time_limit),
        session_(conninfo, options.statement_timeout),
        samples_(session_) {
    report_.queries.resize(queries.size());
  }

  SoundnessReport run() {
    const std::vector<TableShape> tables = read_table_shapes(session_);
    for (const TableShape& table : tables) {
      if (!table.hides_from_owner) continue;
      session_.attempt("alter table " + table.name + " no force row level security");
    }
    prepare_queries();

    ParameterValues values(session_, samples_, tables);
    probe_queries(values, 0);
    RowGenerator generator(session_, samples_, tables, literals_in(queries_));
    std::vector<std::string> refusals(tables.size());
    for (int round = 1; round <= options_.rounds && report_.finished; ++round) {
      session_.mark();
      // Few rows leave more of them without a partner in a join.
      const int rows = round % 2 == 0 ? (options_.rows_per_table + 1) / 2 : options_.rows_per_table;
      values.use_rows(generator.fill({.rows = rows,
                                      .some_tables_empty = round % 3 == 0,
                                      .all_null = round == 2,
                                      .seed = static_cast<unsigned>(round)},
                                     refusals));
      if (round == 1) note_left_out(tables, refusals);
      probe_queries(values, static_cast<unsigned>(round));
      session_.undo();
    }
    return std::move(report_);
  }

private:
  static std::string prepared_name(std::size_t query) {
    return "soundness_" + std::to_string(query);
  }

  void prepare_queries() {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      if (queries_[i]->columns.empty()) continue;
      const auto error =
          session_.attempt("prepare " + prepared_name(i) + " as " + queries_[i]->sql + "\n");
      if (error) {
        report_.queries[i].refusal = error->server()->message;
      } else {
        runnable_.push_back(i);
      }
    }
  }

  void note_left_out(const std::vector<TableShape>& tables,
                     const std::vector<std::string>& refusals) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (!refusals[i].empty()) report_.left_out.push_back(tables[i].name + ": " + refusals[i]);
    }
  }

  void probe_queries(ParameterValues& values, unsigned seed) {
    for (const std::size_t i : runnable_) {
      const Query& query = *queries_[i];
      values.begin(query, seed);
      const int sets = query.parameters.empty() ? 1 : options_.parameter_sets;
      for (int set = 0; set < sets; ++set) {
        if (Clock::now() > end_) {
          report_.finished = false;
          return;
        }
        probe(i, "execute " + prepared_name(i) + values.next(query));
      }
    }
  }

  void probe(std::size_t query, const std::string& sql) {
    Observation& seen = report_.queries[query];
    try {
      seen.rows += session_.probe(sql, options_.max_rows, seen.gave_null);
      ++seen.runs;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
      seen.refusal = error.server()->message;
    }
  }

  const std::vector<const Query*>& queries_;
  const SoundnessOptions& options_;
  Clock::time_point end_;
  TextSession session_;
  SampleValues samples_;
  std::vector<std::size_t> runnable_;
  SoundnessReport report_;
};

}  // namespace

std::vector<std::size_t> Observation::broken_promises(const Query& query) const {
  std::vector<std::size_t> broken;
  for (std::size_t i = 0; i < query.columns.size() && i < gave_null.size(); ++i) {
    if (gave_null[i] && !query.columns[i].nullable) broken.push_back(i);
  }
  return broken;
}

SoundnessReport check_soundness(const std::string& conninfo,
                                const std::vector<const Query*>& queries,
                                const SoundnessOptions& options) {
  return Check(conninfo, queries, options).run();
}

}  // namespace loci::sqlgen
