#include "sqlgen/commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

namespace {

using loci::sqlgen::GenerateOptions;
using loci::sqlgen::Inputs;
using loci::sqlgen::Outcome;

constexpr const char* about =
    R"(Typed C++ queries from SQL files. The server is asked for every type.

  -- sql/queries/users.sql
  -- The user of that e-mail address.
  -- name: FindUser :one
  select id, name from users where email = @email;

becomes, in src/queries/users.hpp, a struct with its parameters and its row:

  auto user = co_await session.run(FindUser{.email = "a@b.c"}, deadline);
  if (user) print(user->name);

Commands: :one (an optional row), :many (a vector), :exec, :execrows (a count).
Parameters: @name or sqlc.arg(name); sqlc.narg(name) may be NULL.
`-- nullable elements: names` lets the array parameter @names hold NULL.
A column is optional unless it is certain never to be NULL; say `as "total!"` or
`as "total?"` where you know better.)";

constexpr const char* ending = R"(Examples:
  loci-sqlgen generate --schema sql/migrations --queries sql/queries --out src/queries
  loci-sqlgen generate --schema sql/migrations --queries sql/queries --out src/queries --check
  loci-sqlgen describe --schema sql/migrations --queries sql/queries --json

Exit codes: 0 all is well; 1 faults in the SQL, or stale files; 2 wrong usage.)";

void add_inputs(CLI::App& command, Inputs& inputs) {
  command.add_option("--schema", inputs.schema, "Folder of NNNN_name.up.sql, or one SQL file")
      ->required()
      ->check(CLI::ExistingPath);
  command.add_option("--queries", inputs.queries, "Folder of SQL files, or one of them")
      ->required()
      ->check(CLI::ExistingPath);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(about, "loci-sqlgen");
  app.footer(ending);
  app.require_subcommand(1);

  GenerateOptions options;
  CLI::App* generating = app.add_subcommand("generate", "Write one header for each query file");
  add_inputs(*generating, options.inputs);
  generating->add_option("--out", options.out, "Folder for the headers")->required();
  generating->add_option("--namespace", options.name_space, "Namespace of the generated structs")
      ->capture_default_str();
  generating->add_flag("--check", options.check, "Write nothing; name what is stale, exit with 1");

  Inputs described;
  bool json = false;
  CLI::App* describing =
      app.add_subcommand("describe", "Print types and nullability of all queries, as JSON");
  add_inputs(*describing, described);
  describing->add_flag("--json", json, "Faults as JSON too, on standard output");

  Outcome outcome = Outcome::faults;
  try {
    app.parse(argc, argv);
    outcome = generating->parsed() ? generate(options, std::cerr)
                                   : describe(described, json, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    outcome = app.exit(error) == 0 ? Outcome::ok : Outcome::wrong_usage;
  } catch (const std::exception& error) {
    std::cerr << "loci-sqlgen: " << error.what() << '\n';
  }
  return static_cast<int>(outcome);
}
