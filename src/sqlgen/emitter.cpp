#include "sqlgen/emitter.hpp"

#include "sqlgen/cpp_names.hpp"
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/models.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <span>
#include <utility>

namespace loci::sqlgen {
namespace {

constexpr std::size_t max_line = 100;
/// Arrays from the server may hold NULL, whatever the column says.
constexpr ArrayElements in_results = ArrayElements::nullable;

ArrayElements elements_of(const Parameter& parameter) {
  return parameter.nullable_elements ? ArrayElements::nullable : ArrayElements::never_null;
}

/// A member of a struct: a parameter or a column, in C++ terms.
struct Member {
  std::string name;
  CppType type;  ///< Without the optional.
  bool nullable;
};

/// The names as members; a repeated one gets `_2`, `_3`, ...
std::vector<std::string> unique_member_names(std::span<const std::string> names) {
  std::vector<std::string> members;
  for (const std::string& name : names) {
    std::string member = member_name(name);
    for (int n = 2; std::ranges::contains(members, member); ++n) {
      member = member_name(name) + "_" + std::to_string(n);
    }
    members.push_back(std::move(member));
  }
  return members;
}

/// One header being written.
class Header {
public:
  Header(const Catalog& catalog, const std::string& name_space)
      : catalog_(catalog),
        name_space_(name_space),
        root_(name_space.starts_with("loci::") ? "" : "loci::") {}

  void query(const Query& query, const Models& models, std::uint32_t table) {
    doc(query.doc);
    line("struct " + query.name + " {");
    statement(query);
    line("  static constexpr " + root_ + "pg::Cardinality cardinality = " + root_ +
         "pg::Cardinality::" + std::string(to_string(query.command)) + ";");
    line();
    const std::vector<Member> parameters = members_of(query.parameters);
    members(parameters, "  ");
    if (!parameters.empty()) line();
    const std::vector<Member> columns = members_of(query.columns);
    if (gives_rows(query.command)) {
      row_type(columns, table != 0 ? &models.name_of(table) : nullptr);
    }
    bind(parameters);
    if (gives_rows(query.command)) decode(columns);
    line("};");
    needs("<loci/pg/query.hpp>");
  }

  void model(const std::string& name, const TableFacts& table, std::span<const Column> columns) {
    line("/// A row of " + table.name + ".");
    line("struct " + name + " {");
    members(members_of(columns), "  ");
    line("};");
  }

  void line(const std::string& text = {}) { body_ += text + '\n'; }
  void needs(const std::string& header) { headers_.insert(header); }

  std::string finish(const std::string& made_from, const std::string& inner_name_space) const {
    const std::string full =
        inner_name_space.empty() ? name_space_ : name_space_ + "::" + inner_name_space;
    std::string text(generated_mark);
    text += " from " + made_from + ". Do not edit.\n#pragma once\n";
    // Files of the same folder, of the project, of the standard library: each group sorted.
    const auto group = [&](auto belongs) {
      std::string lines;
      for (const std::string& header : headers_ | std::views::filter(belongs)) {
        lines += "#include " + header + '\n';
      }
      if (!lines.empty()) text += lines + '\n';
    };
    const auto is_own = [](const std::string& header) { return header.starts_with('"'); };
    const auto is_loci = [](const std::string& header) { return header.starts_with("<loci/"); };
    group(is_own);
    group(is_loci);
    group([&](const std::string& header) { return !is_own(header) && !is_loci(header); });
    if (headers_.empty()) text += '\n';
    return text + "namespace " + full + " {\n\n" + body_ + "\n}  // namespace " + full + "\n";
  }

private:
  std::vector<Member> members_of(std::span<const Parameter> parameters) const {
    return make_members(parameters, elements_of);
  }
  std::vector<Member> members_of(std::span<const Column> columns) const {
    return make_members(columns, [](const Column&) { return in_results; });
  }
  template <class Named, class Elements>
  std::vector<Member> make_members(std::span<const Named> named, Elements elements) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < named.size(); ++i) {
      names.push_back(named[i].name == "?column?" ? "column_" + std::to_string(i + 1)
                                                  : named[i].name);
    }
    const std::vector<std::string> unique = unique_member_names(names);
    std::vector<Member> members;
    for (std::size_t i = 0; i < named.size(); ++i) {
      members.push_back({unique[i],
                         cpp_type(catalog_, named[i].type, elements(named[i]), root_).value(),
                         named[i].nullable});
    }
    return members;
  }

  /// Comment lines as they were, but for those that would pass the line's end.
  void doc(std::span<const std::string> lines) {
    for (std::string text : lines) {
      // A backslash at the end would join the next line to the comment.
      while (text.ends_with('\\') || text.ends_with(' ')) text.pop_back();
      while (text.size() + 4 > max_line) {
        const std::size_t space = text.rfind(' ', max_line - 4);
        if (space == std::string::npos || space == 0) break;
        line("/// " + text.substr(0, space));
        text.erase(0, space + 1);
      }
      line(text.empty() ? "///" : "/// " + text);
    }
  }

  void statement(const Query& query) {
    std::string delimiter = "sql";
    for (int n = 1; query.sql.contains(")" + delimiter + "\""); ++n) {
      delimiter = "sql" + std::to_string(n);
    }
    line("  static constexpr " + root_ + "pg::Statement statement{");
    line("      .name = \"" + query.name + "\",");
    const std::string literal = "R\"" + delimiter + "(" + query.sql + ")" + delimiter + "\",";
    const std::size_t first_line = std::min(literal.find('\n'), literal.size());
    constexpr std::string_view sql_member = "      .sql =";
    if (sql_member.size() + 1 + first_line > max_line) {
      line(std::string(sql_member));
      line("          " + literal);
    } else {
      line(std::string(sql_member) + " " + literal);
    }
    line("      .lane = " + root_ + "pg::Lane::" + (query.shared_lane ? "shared" : "exclusive") +
         ",");
    line("  };");
  }

  void members(std::span<const Member> members, const std::string& indent) {
    for (const Member& member : members) {
      const CppType type = member.nullable ? optional_of(member.type) : member.type;
      headers_.insert(type.headers.begin(), type.headers.end());
      const std::string initial = type.initial.starts_with('=') ? " " + type.initial : type.initial;
      line(indent + type.value + " " + member.name + initial + ";");
    }
  }

  void row_type(std::span<const Member> columns, const std::string* model) {
    if (model != nullptr) {
      line("  using Row = models::" + *model + ";");
      needs("\"models.hpp\"");
    } else {
      line("  struct Row {");
      members(columns, "    ");
      line("  };");
    }
    line();
  }

  void bind(std::span<const Member> parameters) {
    const std::string type = root_ + "pg::Params&";
    if (parameters.empty()) {
      line("  void bind(" + type + ") const {}");
      return;
    }
    const std::string head = "  void bind(" + type + " params) const {";
    const auto add = [](const Member& parameter) {
      return "params.add<" + parameter.type.tag + ">(" + parameter.name + ");";
    };
    const std::string in_one_line = head + " " + add(parameters.front()) + " }";
    if (parameters.size() == 1 && in_one_line.size() <= max_line) {
      line(in_one_line);
      return;
    }
    line(head);
    for (const Member& parameter : parameters) line("    " + add(parameter));
    line("  }");
  }

  void decode(std::span<const Member> columns) {
    line("  static Row decode(const " + root_ + "pg::RowView& row) {");
    line("    return {");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string member = "        ." + columns[i].name + " =";
      const std::string value =
          std::string(columns[i].nullable ? "row.get_optional<" : "row.get<") +
          columns[i].type.tag + ">(" + std::to_string(i) + "),";
      if (member.size() + 1 + value.size() > max_line) {
        line(member);
        line("            " + value);
      } else {
        line(member + " " + value);
      }
    }
    line("    };");
    line("  }");
  }

  const Catalog& catalog_;
  const std::string& name_space_;
  std::string root_;
  std::string body_;
  std::set<std::string> headers_;
};

std::string header_name(const SourceFile& source) {
  return source.name.substr(0, source.name.rfind(".sql")) + ".hpp";
}

}  // namespace

void check_cpp_types(const std::vector<QueryFile>& files, const Catalog& catalog,
                     const EmitOptions&, Diagnostics& diagnostics) {
  const auto no_type = [&](const QueryFile& file, std::size_t offset, const std::string& what,
                           std::uint32_t type, const std::string& remedy) {
    diagnostics.add(file.source, offset,
                    what + " has type " + catalog.type_name(type) +
                        ", which has no C++ type yet; cast it, as in " + remedy);
  };
  for (const QueryFile& file : files) {
    for (const Query& query : file.queries) {
      for (const Parameter& parameter : query.parameters) {
        const std::string what = query.name + ": parameter @" + parameter.name;
        const std::string use = "@" + parameter.name + "::";
        if (const auto other = array_to_cast_to(catalog, parameter.type)) {
          no_type(file, parameter.offset, what, parameter.type, use + *other);
        } else if (!cpp_type(catalog, parameter.type, elements_of(parameter), {})) {
          no_type(file, parameter.offset, what, parameter.type, use + "text");
        }
      }
      for (const Column& column : query.columns) {
        if (cpp_type(catalog, column.type, in_results, {})) continue;
        no_type(file, query.offset, query.name + ": column " + column.name, column.type,
                column.name + "::text");
      }
    }
  }
}

std::vector<EmittedFile> emit(const std::vector<QueryFile>& files, const Catalog& catalog,
                              const EmitOptions& options) {
  Models models(catalog);
  std::map<std::uint32_t, const Query*> tables;
  for (const QueryFile& file : files) {
    for (const Query& query : file.queries) {
      if (const std::uint32_t table = models.table_of(query)) tables.try_emplace(table, &query);
    }
  }
  const auto keys = tables | std::views::keys;
  models.name(std::vector<std::uint32_t>(keys.begin(), keys.end()));

  std::vector<EmittedFile> emitted;
  if (!tables.empty()) {
    Header header(catalog, options.name_space);
    bool first = true;
    for (const auto& [name, table] : models.in_order()) {
      if (!std::exchange(first, false)) header.line();
      header.model(name, *catalog.table(table), tables.at(table)->columns);
    }
    emitted.push_back({"models.hpp", header.finish("the tables of the schema", "models")});
  }
  for (const QueryFile& file : files) {
    if (file.queries.empty()) continue;
    Header header(catalog, options.name_space);
    for (const Query& query : file.queries) {
      if (&query != &file.queries.front()) header.line();
      header.query(query, models, models.table_of(query));
    }
    emitted.push_back({header_name(file.source), header.finish(file.source.name, {})});
  }
  return emitted;
}

}  // namespace loci::sqlgen
