#include "sqlgen/members.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <utility>

namespace loci::sqlgen {
namespace {

std::string renamed(const std::string& name, const CppTypes& types) {
  const auto found = types.options().rename.find(name);
  return member_name(found != types.options().rename.end() ? found->second : name);
}

/// Gives the members their names, from what SQL calls them.
std::vector<Member> named(std::vector<Member> members, const CppTypes& types) {
  std::vector<std::string> names;
  std::vector<std::string> sql_names;
  for (const Member& member : members) {
    names.push_back(renamed(member.sql_name, types));
    sql_names.push_back(member.sql_name);
  }
  names = made_unique(names);
  sql_names = made_unique(sql_names);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].name = std::move(names[i]);
    members[i].sql_name = std::move(sql_names[i]);
  }
  return members;
}

Member member_of(const Column& column, std::size_t index, const CppTypes& types) {
  return {.sql_name =
              column.name == unnamed_column ? "column_" + std::to_string(index + 1) : column.name,
          .type = types.find(column.type, in_results, {column.table, column.table_column}).value(),
          .nullable = column.nullable,
          .column = index};
}

/// `authors` is `author`, as its struct is; an alias stays as it is.
std::string embed_name(const Embed& embed, const CppTypes& types) {
  const bool is_table = !embed.renamed && types.catalog().table(embed.table)->name == embed.name;
  return is_table && !types.options().emit_exact_table_names ? singular(embed.name) : embed.name;
}

}  // namespace

ArrayElements elements_of(const Parameter& parameter) {
  return parameter.nullable_elements ? ArrayElements::nullable : ArrayElements::never_null;
}

std::vector<Member> members_of(std::span<const Parameter> parameters, const CppTypes& types) {
  std::vector<Member> members;
  for (const Parameter& parameter : parameters) {
    members.push_back({.sql_name = parameter.name,
                       .type = types
                                   .find_sent(parameter.type, elements_of(parameter),
                                              {parameter.table, parameter.table_column})
                                   .value(),
                       .nullable = parameter.nullable,
                       .column = members.size()});
  }
  return named(std::move(members), types);
}

std::vector<Member> row_members(const Query& query, const CppTypes& types, const Models& models) {
  std::vector<Member> members;
  auto embed = query.embeds.begin();
  for (std::size_t i = 0; i < query.columns.size(); ++i) {
    if (embed == query.embeds.end() || i < embed->first) {
      members.push_back(member_of(query.columns[i], i, types));
      continue;
    }
    members.push_back({.sql_name = embed_name(*embed, types),
                       .type = {.tag = {},
                                .value = "models::" + models.name_of(embed->table),
                                .initial = {},
                                .headers = {"\"models.hpp\""}},
                       .nullable = embed->nullable,
                       .column = i,
                       .embed = &*embed});
    i += embed->count - 1;
    ++embed;
  }
  return named(std::move(members), types);
}

std::vector<Member> members_of(const TypeFacts& composite, const CppTypes& types) {
  std::vector<Column> columns;
  for (const TypeFacts::Field& field : composite.fields) {
    columns.push_back({.name = field.name, .type = field.type});
  }
  return members_of(columns, types);
}

std::vector<Member> members_of(std::span<const Column> columns, const CppTypes& types) {
  std::vector<Member> members;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    members.push_back(member_of(columns[i], i, types));
  }
  return named(std::move(members), types);
}

}  // namespace loci::sqlgen
