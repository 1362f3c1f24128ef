#include "sqlgen/querier_writer.hpp"

#include "sqlgen/cpp_names.hpp"
#include "sqlgen/members.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace loci::sqlgen {
namespace {

/// One function of the class, in the parts that its declaration and its definition share.
struct Function {
  const Query* query;
  std::string result;     ///< `std::optional<GetUser::Row>`
  std::string name;       ///< `get_user`
  std::string arguments;  ///< `std::int64_t id, loci::Deadline deadline`
  std::string body;       ///< `return session_.run(GetUser{.id = id}, deadline);`
};

class QuerierWriter {
public:
  QuerierWriter(Header& header, const CppTypes& types)
      : out_(header), types_(types), root_(types.root()) {}

  void run(std::span<const Query* const> queries) {
    const std::vector<Function> functions = functions_of(queries);
    interface(functions);
    out_.line();
    implementation(functions);
    for (const char* needed : {"<loci/base/deadline.hpp>", "<loci/pg/session.hpp>",
                               "<boost/asio/awaitable.hpp>", "<utility>"}) {
      out_.needs(needed);
    }
  }

private:
  std::vector<Function> functions_of(std::span<const Query* const> queries) {
    std::vector<std::string> names;
    for (const Query* query : queries)
      names.push_back(member_name(snake_case(camel_case(query->name))));
    names = made_unique(names);
    std::vector<Function> functions;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      functions.push_back(function(*queries[i], names[i]));
    }
    return functions;
  }

  Function function(const Query& query, const std::string& name) {
    const std::string structure = camel_case(query.name);
    Function made{&query, result_of(query), name, {}, {}};
    const std::string deadline = root_ + "Deadline deadline";
    if (query.command == Command::copyfrom) {
      out_.needs("<cstdint>");
      out_.needs("<vector>");
      made.arguments = "std::vector<" + structure + "> rows, " + deadline;
      made.body = "co_return co_await session_.copy(rows, deadline);";
      return made;
    }
    if (runs_in_batches(query.command)) {
      out_.needs("<vector>");
      made.arguments = "std::vector<" + structure + "> items, " + deadline;
      made.body = "return session_.batch_each(std::move(items), deadline);";
      return made;
    }
    std::string value;
    if (takes_parameters(query)) {
      value = structure + "{";
      for (const Member& parameter : members_of(query.parameters, types_)) {
        const CppType type = parameter.declared();
        out_.needs(type);
        made.arguments += type.value + " " + parameter.name + ", ";
        value += (value.ends_with('{') ? "." : ", .") + parameter.name + " = std::move(" +
                 parameter.name + ")";
      }
      value += '}';
    } else {
      made.arguments = structure + " query, ";
      value = "std::move(query)";
    }
    made.arguments += deadline;
    const std::string run = "session_.run(" + value + ", deadline);";
    made.body = (query.command == Command::exec ? "co_await " : "return ") + run;
    return made;
  }

  /// Each by itself, rather than the query's struct.
  bool takes_parameters(const Query& query) const {
    const auto& parameters = query.parameters;
    return parameters.size() <= types_.options().query_parameter_limit &&
           !std::ranges::contains(members_of(parameters, types_), "deadline", &Member::name);
  }

  std::string result_of(const Query& query) {
    const std::string structure = camel_case(query.name);
    switch (query.command) {
      case Command::one:
        out_.needs("<optional>");
        return "std::optional<" + structure + "::Row>";
      case Command::many:
        out_.needs("<vector>");
        return "std::vector<" + structure + "::Row>";
      case Command::exec:
        return "void";
      case Command::execresult:
        return root_ + "pg::ExecResult";
      case Command::execrows:
      case Command::copyfrom:
        out_.needs("<cstdint>");
        return "std::uint64_t";
      case Command::batchexec:
      case Command::batchone:
      case Command::batchmany:
        break;
    }
    return "std::vector<" + root_ + "pg::BatchOutcome<" + structure + ">>";
  }

  void declaration(const std::string& before, const Function& made, const std::string& after) {
    const std::string head =
        before + "boost::asio::awaitable<" + made.result + "> " + made.name + "(";
    const std::string end = ")" + after;
    if (head.size() + made.arguments.size() + end.size() <= max_line) {
      return out_.line(head + made.arguments + end);
    }
    out_.line(head);
    const std::string indent(6, ' ');
    std::string rest = made.arguments;
    while (indent.size() + rest.size() + end.size() > max_line) {
      const std::size_t comma = rest.rfind(", ", max_line - indent.size() - 1);
      if (comma == std::string::npos) break;
      out_.line(indent + rest.substr(0, comma + 1));
      rest.erase(0, comma + 2);
    }
    out_.line(indent + rest + end);
  }

  void interface(const std::vector<Function>& functions) {
    out_.line("/// All queries, one function each: what to stand something else in for in a test.");
    out_.line("/// Those of a batch give each item's own outcome.");
    out_.line("class " + std::string(querier_class) + " {");
    out_.line("public:");
    out_.line("  virtual ~" + std::string(querier_class) + "() = default;");
    for (const Function& each : functions) {
      out_.line();
      out_.doc(each.query->doc, "  ");
      declaration("  [[nodiscard]] virtual ", each, " = 0;");
    }
    out_.line("};");
  }

  void implementation(const std::vector<Function>& functions) {
    const std::string name(session_querier_class);
    out_.line("/// Asks a pool, a lease or a transaction, which must live as long.");
    out_.line("class " + name + " final : public " + std::string(querier_class) + " {");
    out_.line("public:");
    out_.line("  explicit " + name + "(" + root_ + "pg::Session& session) : session_(session) {}");
    for (const Function& each : functions) {
      out_.line();
      declaration("  ", each, " override {");
      out_.line("    " + each.body);
      out_.line("  }");
    }
    out_.line();
    out_.line("private:");
    out_.line("  " + root_ + "pg::Session& session_;");
    out_.line("};");
  }

  Header& out_;
  const CppTypes& types_;
  const std::string& root_;
};

}  // namespace

void write_querier(Header& header, std::span<const Query* const> queries, const CppTypes& types) {
  QuerierWriter(header, types).run(queries);
}

}  // namespace loci::sqlgen
