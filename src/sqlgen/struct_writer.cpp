#include "sqlgen/struct_writer.hpp"

#include "schema/sql_lexer.hpp"
#include "sqlgen/cpp_names.hpp"
#include "sqlgen/members.hpp"

#include <algorithm>
#include <charconv>

namespace loci::sqlgen {
namespace {

/// What running the query once gives, as pg::Cardinality calls it.
std::string_view cardinality_of(Command command) {
  switch (command) {
    case Command::batchone:
      return "one";
    case Command::batchmany:
      return "many";
    case Command::batchexec:
      return "exec";
    default:
      return to_string(command);
  }
}

class StructWriter {
public:
  StructWriter(Header& header, const CppTypes& types, const Models& models)
      : out_(header), types_(types), models_(models), root_(types.root()) {}

  void query(const Query& query) {
    const std::string name = camel_case(query.name);
    out_.doc(query.doc);
    out_.line("struct " + name + " {");
    statement(query);
    if (!query.copy) {
      out_.line("  static constexpr " + root_ + "pg::Cardinality cardinality = " + root_ +
                "pg::Cardinality::" + std::string(cardinality_of(query.command)) + ";");
    }
    out_.line();
    const std::vector<Member> parameters = members_of(query.parameters, types_);
    members(parameters, "  ");
    if (!parameters.empty()) out_.line();
    const std::vector<Member> row = row_members(query, types_, models_);
    const std::uint32_t table = models_.table_of(query);
    if (gives_rows(query.command)) row_type(row, table);
    if (query.copy) {
      copy(parameters, query.copy->parameters);
    } else {
      bind(parameters);
    }
    if (gives_rows(query.command)) decode(row, "Row", {});
    out_.line("};");
    out_.needs(query.copy ? "<loci/pg/copy_rows.hpp>" : "<loci/pg/statement.hpp>");
    if (types_.options().emit_json && gives_rows(query.command) && table == 0) {
      json(row, name + "::Row");
    }
  }

  void composite(std::uint32_t type) {
    const TypeFacts& facts = *types_.catalog().type(type);
    const std::vector<Member> fields = members_of(facts, types_);
    const std::string& name = *types_.names().find(type);
    out_.line("/// The type " + facts.name + ".");
    out_.line("struct " + name + " {");
    members(fields, "  ");
    out_.line("  bool operator==(const " + name + "&) const = default;");
    out_.line("};");
    out_.line("using " + name + "Type = " + root_ + "pg::type::Named<");
    out_.line("    " + cpp_literal(facts.sql_name) + ",");
    out_.line("    " + root_ + "pg::type::Composite<");
    out_.line("        " + name + (fields.empty() ? ">>;" : ","));
    for (std::size_t i = 0; i < fields.size(); ++i) {
      out_.needs_codec(fields[i].type);
      out_.line("        " + root_ + "pg::type::Field<&" + name + "::" + fields[i].name + ", " +
                types_.tag_of_field(facts.fields[i].type) +
                (i + 1 == fields.size() ? ">>>;" : ">,"));
    }
    for (const char* needed : {"<loci/pg/types/composite.hpp>", "<loci/pg/types/named.hpp>"}) {
      out_.needs(needed);
    }
    if (types_.options().emit_json) json(fields, name);
  }

  void model(std::uint32_t table, std::span<const Column> columns, bool decoded) {
    const std::vector<Member> row = members_of(columns, types_);
    const std::string& name = models_.name_of(table);
    out_.line("/// A row of " + types_.catalog().table(table)->name + ".");
    out_.line("struct " + name + " {");
    members(row, "  ");
    if (decoded) {
      out_.line();
      out_.line("  /// Reads its columns, the first of which is `first`.");
      decode(row, name, "first");
      out_.needs("<loci/pg/statement.hpp>");
      out_.needs("<cstddef>");
    }
    out_.line("};");
    if (types_.options().emit_json) json(row, name);
  }

private:
  /// The statement, its parameters cast where they are sent as another type.
  std::string sql_of(const Query& query) const {
    if (query.copy) return query.copy->sql;
    std::string sql;
    for (const schema::SqlToken& token : schema::lex_sql(query.sql).tokens) {
      sql += token.text;
      if (token.kind != schema::SqlToken::Kind::parameter) continue;
      std::size_t number = 0;
      std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
      sql += types_.cast_of_sent(query.parameters.at(number - 1).type);
    }
    return sql;
  }

  void statement(const Query& query) {
    const std::string sql = sql_of(query);
    std::string delimiter = "sql";
    for (int n = 1; sql.contains(")" + delimiter + "\""); ++n) {
      delimiter = "sql" + std::to_string(n);
    }
    out_.line("  static constexpr " + root_ + "pg::Statement statement{");
    out_.line("      .name = \"" + query.name + "\",");
    const std::string literal = "R\"" + delimiter + "(" + sql + ")" + delimiter + "\",";
    const std::size_t first_line = std::min(literal.find('\n'), literal.size());
    constexpr std::string_view sql_member = "      .sql =";
    if (sql_member.size() + 1 + first_line > max_line) {
      out_.line(std::string(sql_member));
      out_.line("          " + literal);
    } else {
      out_.line(std::string(sql_member) + " " + literal);
    }
    out_.line("      .lane = " + root_ +
              "pg::Lane::" + (query.shared_lane ? "shared" : "exclusive") + ",");
    out_.line("  };");
  }

  void members(std::span<const Member> members, const std::string& indent) {
    for (const Member& member : members) {
      const CppType type = member.declared();
      out_.needs(type);
      const std::string initial = type.initial.starts_with('=') ? " " + type.initial : type.initial;
      out_.line(indent + type.value + " " + member.name + initial + ";");
    }
  }

  void row_type(std::span<const Member> row, std::uint32_t table) {
    if (table != 0) {
      out_.line("  using Row = models::" + models_.name_of(table) + ";");
      out_.needs("\"models.hpp\"");
    } else {
      out_.line("  struct Row {");
      members(row, "    ");
      out_.line("  };");
    }
    out_.line();
  }

  /// Whoever includes a header pays for the codecs of what he calls, not for those of the whole
  /// file.
  void when_used() { out_.line("  template <int = 0>  // compiled where it is called"); }

  void bind(std::span<const Member> parameters) {
    for (const Member& parameter : parameters) out_.needs_codec(parameter.type);
    const std::string type = root_ + "pg::Params&";
    if (parameters.empty()) {
      out_.line("  void bind(" + type + ") const {}");
      return;
    }
    when_used();
    const std::string head = "  void bind(" + type + " params) const {";
    const auto add = [](const Member& parameter) {
      return "params.add<" + parameter.type.tag + ">(" + parameter.name + ");";
    };
    const std::string in_one_line = head + " " + add(parameters.front()) + " }";
    if (parameters.size() == 1 && in_one_line.size() <= max_line) {
      out_.line(in_one_line);
      return;
    }
    out_.line(head);
    for (const Member& parameter : parameters) out_.line("    " + add(parameter));
    out_.line("  }");
  }

  /// `columns` are the numbers of the parameters, in the order of the columns.
  void copy(std::span<const Member> parameters, std::span<const std::size_t> columns) {
    when_used();
    out_.line("  void copy(" + root_ + "pg::CopyRows& row) const {");
    out_.line("    row.begin_row(" + std::to_string(columns.size()) + ");");
    for (const std::size_t number : columns) {
      const Member& column = parameters[number];
      out_.needs_codec(column.type);
      out_.line("    row.field<" + column.type.tag + ">(" + column.name + ");");
    }
    out_.line("  }");
  }

  /// `first` is the argument that says where the columns begin; empty when they do at 0.
  void decode(std::span<const Member> row, const std::string& type, const std::string& first) {
    const std::string offset = first.empty() ? "" : first + " + ";
    when_used();
    out_.line("  static " + type + " decode(const " + root_ + "pg::RowView& row" +
              (first.empty() ? "" : ", std::size_t " + first) + ") {");
    out_.line("    return {");
    for (const Member& member : row) {
      out_.needs_codec(member.type);
      out_.line_of_two("        ." + member.name + " =",
                       (member.embed != nullptr ? embedded(member) : field(member, offset)) + ",");
    }
    out_.line("    };");
    out_.line("  }");
  }

  static std::string field(const Member& member, const std::string& first) {
    return (member.nullable ? "row.get_optional<" : "row.get<") + member.type.tag + ">(" + first +
           std::to_string(member.column) + ")";
  }

  static std::string embedded(const Member& member) {
    std::string whole = member.type.value + "::decode(row, " + std::to_string(member.column) + ")";
    if (!member.nullable) return whole;
    return "row.field(" + std::to_string(member.embed->witness) + ") ? std::optional(" + whole +
           ") : std::nullopt";
  }

  void json(std::span<const Member> row, const std::string& type) {
    out_.line();
    out_.line("inline void write_json(" + root_ + "JsonWriter& out, const " + type + "& row) {");
    out_.line("  out.object();");
    for (const Member& member : row) {
      out_.needs_codec(member.type);
      if (member.embed == nullptr) {
        const std::string head = "  " + root_ + "pg::json_member<" + member.type.tag + ">(";
        const std::string arguments =
            "out, " + cpp_literal(member.sql_name) + ", row." + member.name + ");";
        if (head.size() + arguments.size() <= max_line) {
          out_.line(head + arguments);
        } else {
          out_.line(head);
          out_.line("      " + arguments);
        }
        continue;
      }
      out_.line("  out.member(" + cpp_literal(member.sql_name) + ");");
      if (!member.nullable) {
        out_.line("  write_json(out, row." + member.name + ");");
        continue;
      }
      out_.line("  if (row." + member.name + ") {");
      out_.line("    write_json(out, *row." + member.name + ");");
      out_.line("  } else {");
      out_.line("    out.null();");
      out_.line("  }");
    }
    out_.line("  out.close();");
    out_.line("}");
    out_.needs("<loci/pg/row_json.hpp>");
  }

  Header& out_;
  const CppTypes& types_;
  const Models& models_;
  const std::string& root_;
};

}  // namespace

void write_query(Header& header, const Query& query, const CppTypes& types, const Models& models) {
  StructWriter(header, types, models).query(query);
}

void write_composite(Header& header, std::uint32_t type, const CppTypes& types,
                     const Models& models) {
  StructWriter(header, types, models).composite(type);
}

void write_model(Header& header, std::uint32_t table, std::span<const Column> columns, bool decoded,
                 const CppTypes& types, const Models& models) {
  StructWriter(header, types, models).model(table, columns, decoded);
}

}  // namespace loci::sqlgen
