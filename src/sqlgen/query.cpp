#include "sqlgen/query.hpp"

#include "sqlgen/cpp_names.hpp"
#include "sqlgen/embeds.hpp"
#include "sqlgen/lane.hpp"
#include "sqlgen/nullability/nullability.hpp"
#include "sqlgen/parameter_hints.hpp"
#include "sqlgen/parameters.hpp"
#include "sqlgen/server_tree.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace loci::sqlgen {
namespace {

class Analysis {
public:
  Analysis(const SourceFile& source, const QueryText& text, const Catalog& catalog,
           Diagnostics& diagnostics)
      : source_(source), text_(text), catalog_(catalog), diagnostics_(diagnostics) {}

  std::optional<Query> run(Describer& describer) {
    const std::size_t faults_before = diagnostics_.all().size();
    RewrittenSql rewritten = rewrite_parameters(source_, text_, diagnostics_);
    if (diagnostics_.all().size() != faults_before) return std::nullopt;
    const auto embeds = Embeds::expand(rewritten, catalog_);
    if (!embeds) {
      diagnostics_.add(source_, embeds.error().offset, text_.name + ": " + embeds.error().message);
      return std::nullopt;
    }
    const std::vector<ParameterHint> hints = take_hints(rewritten);
    StatementFacts facts;
    try {
      facts = describer.describe(rewritten.sql);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::server || error.connection_lost()) throw;
      report(error, rewritten);
      return std::nullopt;
    }
    Query query;
    query.name = text_.name;
    query.command = text_.command;
    query.doc = text_.doc;
    query.sql = rewritten.sql;
    query.offset = text_.offset;
    query.parameters = parameters_of(rewritten, hints, facts);
    const auto tree = ServerTree::read(facts.tree);
    query.shared_lane = tree && may_share_connection(*tree, catalog_);
    if (gives_rows(text_.command)) {
      std::vector<bool> never_null;
      if (tree) never_null = never_null_columns(*tree, catalog_, nulls_of(query.parameters));
      query.columns = columns_of(facts, std::move(never_null));
    }
    if (!query.columns.empty()) embeds->place(query, catalog_);
    if (text_.command == Command::copyfrom) find_copy(query, rewritten);
    if (diagnostics_.all().size() != faults_before) return std::nullopt;
    return query;
  }

private:
  void report(const Error& error, const RewrittenSql& rewritten) {
    std::string message = text_.name + ": " + error.server()->message;
    for (std::size_t i = rewritten.parameters.size(); i > 0; --i) {
      const std::string number = "$" + std::to_string(i);
      if (!message.ends_with(number) && !message.contains(number + " ")) continue;
      message += " (" + number + " is @" + rewritten.parameters[i - 1].name + "; a cast such as @" +
                 rewritten.parameters[i - 1].name + "::text gives its type)";
      break;
    }
    if (!error.server()->hint.empty()) message += "; hint: " + error.server()->hint;
    const int position = error.server()->position;
    diagnostics_.add(source_, position > 0 ? rewritten.source_of_character(position) : text_.offset,
                     std::move(message), error.sqlstate());
  }

  /// What the tree tells of the parameters, which may be NULL where they are only put into columns
  /// that may; $1, $2, ... get their names from it, too.
  std::vector<ParameterHint> take_hints(RewrittenSql& rewritten) const {
    const auto tree = ParseTree::parse(rewritten.sql);
    // What is wrong with the statement, the server says better.
    if (!tree) return std::vector<ParameterHint>(rewritten.parameters.size());
    auto hints = parameter_hints(*tree, catalog_, rewritten.parameters.size());
    for (std::size_t i = 0; i < hints.size(); ++i) {
      NamedParameter& parameter = rewritten.parameters[i];
      parameter.nullable = parameter.nullable || hints[i].nullable;
    }
    if (!rewritten.numbered) return hints;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hints.size(); ++i) {
      const std::string& name = rewritten.parameters[i].name;
      names.push_back(hints[i].name.empty() ? name : hints[i].name);
    }
    names = made_unique(names);
    for (std::size_t i = 0; i < names.size(); ++i) {
      rewritten.parameters[i].name = std::move(names[i]);
    }
    return hints;
  }

  std::vector<Parameter> parameters_of(const RewrittenSql& rewritten,
                                       std::span<const ParameterHint> hints,
                                       const StatementFacts& facts) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < rewritten.parameters.size() && i < facts.parameters.size(); ++i) {
      const NamedParameter& named = rewritten.parameters[i];
      parameters.push_back({.name = named.name,
                            .type = facts.parameters[i],
                            .nullable = named.nullable,
                            .offset = named.offset,
                            .table = hints[i].table,
                            .table_column = hints[i].table_column});
      if (named.slice && !is_array(facts.parameters[i])) {
        diagnostics_.add(source_, named.offset,
                         text_.name + ": no list can stand where sqlc.slice(" + named.name +
                             ") stands; write `in (sqlc.slice(" + named.name +
                             "))` or `= any(sqlc.slice(" + named.name + "))`");
      }
    }
    for (const std::string& name : text_.nullable_elements) {
      const auto parameter = std::ranges::find(parameters, name, &Parameter::name);
      if (parameter == parameters.end()) {
        diagnostics_.add(
            source_, text_.offset,
            text_.name + ": `nullable elements` names " + name + ", which is no parameter of it");
      } else if (!is_array(parameter->type)) {
        diagnostics_.add(source_, parameter->offset,
                         text_.name + ": `nullable elements` names " + name + ", whose type is " +
                             catalog_.type_name(parameter->type) + " and no array");
      } else {
        parameter->nullable_elements = true;
      }
    }
    return parameters;
  }

  void find_copy(Query& query, const RewrittenSql& rewritten) {
    auto copy = copy_statement(schema::lex_sql(rewritten.sql).tokens);
    if (copy) {
      query.copy = std::move(*copy);
    } else {
      diagnostics_.add(source_, rewritten.source_offset(copy.error().offset),
                       text_.name + " is :copyfrom: " + copy.error().message);
    }
  }

  bool is_array(std::uint32_t type) const {
    const TypeFacts* facts = catalog_.type(catalog_.base_type(type));
    return facts != nullptr && facts->kind == TypeFacts::Kind::array;
  }

  static std::vector<ParameterNulls> nulls_of(const std::vector<Parameter>& parameters) {
    std::vector<ParameterNulls> nulls;
    for (const Parameter& parameter : parameters) {
      nulls.push_back({parameter.nullable, parameter.nullable_elements});
    }
    return nulls;
  }

  /// Without a tree of the server's nothing is certain.
  std::vector<Column> columns_of(const StatementFacts& facts, std::vector<bool> never_null) {
    if (facts.columns.empty()) {
      diagnostics_.add(source_, text_.offset,
                       text_.name + " is :" + std::string(to_string(text_.command)) +
                           " but its statement returns no columns; use :exec or :execrows, or "
                           "add RETURNING");
    }
    if (never_null.size() != facts.columns.size()) never_null.assign(facts.columns.size(), false);
    std::vector<Column> columns;
    for (std::size_t i = 0; i < facts.columns.size(); ++i) {
      const StatementFacts::Column& given = facts.columns[i];
      Column column{given.name, given.type, !never_null[i], given.table, given.table_column};
      const bool forced = column.name.ends_with('!') || column.name.ends_with('?');
      if (forced && column.name.size() > 1 && column.name != unnamed_column) {
        column.nullable = column.name.ends_with('?');
        column.name.pop_back();
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

  const SourceFile& source_;
  const QueryText& text_;
  const Catalog& catalog_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Query> analyse(const SourceFile& source, const QueryText& text,
                             const Catalog& catalog, Describer& describer,
                             Diagnostics& diagnostics) {
  return Analysis(source, text, catalog, diagnostics).run(describer);
}

}  // namespace loci::sqlgen
