#include "arguments.hpp"
#include "sqlgen/interrupt.hpp"

#include <loci/base/log.hpp>

#include <functional>
#include <iostream>
#include <string>

namespace {

using namespace loci::sqlgen;

constexpr const char* about =
    R"(Typed C++ queries from SQL files: what sqlc is for Go. A server is asked for every type.

  -- db/queries/users.sql
  -- The user of that e-mail address.
  -- name: FindUser :one
  select id, name from users where email = @email;

becomes, in src/queries/users.hpp, a struct with its parameters and its row:

  auto user = co_await session.run(FindUser{.email = "a@b.c"}, deadline);
  if (user) print(user->name);

A column is optional unless it is certain never to be NULL; say `as "total!"` or
`as "total?"` where you know better. All of it is in docs/sqlgen.md.)";

constexpr const char* ending = R"(The first time:
  loci-sqlgen init              writes loci-sqlgen.yaml: set its paths
  loci-sqlgen generate          writes the headers; when nothing has changed, at once
In continuous integration:
  loci-sqlgen diff              fails when a header is not what the SQL says
  loci-sqlgen vet               finds select *, missing WHERE, table scans, false NOT NULLs
  loci-sqlgen verify --against v1.2.0
Without a settings file:
  loci-sqlgen generate --schema db/migrations --queries db/queries --out src/queries
  loci-sqlgen describe --schema db/schema.sql --queries users.sql --json

A private PostgreSQL 17 is started for each run and gone after it.

Exit codes: 0 all is well; 1 faults in the SQL, stale headers, findings; 2 it could not be done
(arguments, settings, no server); 130 Ctrl-C.)";

/// What a subcommand does once the arguments are read.
using Action = std::function<Outcome()>;

void add_generate(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command = app.add_subcommand("generate", "Write one header for each query file");
  add_set_arguments(*command, arguments, true);
  auto options = std::make_shared<GenerateOptions>();
  auto check = std::make_shared<bool>(false);
  auto again = std::make_shared<bool>(false);
  command->add_flag("--check", *check, "Write nothing; name what is stale, exit with 1");
  command->add_flag("--no-cache", *again, "Ask the server even when nothing has changed");
  command->add_flag("--every-header", options->every_header,
                    "Headers without content too, for builds that name their files beforehand");
  command->final_callback([&arguments, &action, options, check, again] {
    action = [&arguments, options, check, again] {
      if (*check) options->mode = GenerateOptions::Mode::check;
      options->cached = !*again;
      return generate(arguments.sets(), *options, std::cout, std::cerr);
    };
  });
}

void add_diff(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command =
      app.add_subcommand("diff", "Print what generate would change; exit with 1 when something");
  add_set_arguments(*command, arguments, true);
  command->final_callback([&] {
    action = [&] {
      return generate(arguments.sets(), {.mode = GenerateOptions::Mode::diff}, std::cout,
                      std::cerr);
    };
  });
}

void add_compile(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command = app.add_subcommand("compile", "Check schema and queries, write nothing");
  add_set_arguments(*command, arguments, false);
  command->final_callback(
      [&] { action = [&] { return check_queries(arguments.sets(), std::cerr); }; });
}

void add_describe(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command =
      app.add_subcommand("describe", "Print types and nullability of all queries, as JSON");
  add_set_arguments(*command, arguments, false);
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Faults as JSON too, on standard output");
  command->final_callback([&arguments, &action, json] {
    action = [&arguments, json] { return describe(arguments.sets(), *json, std::cout, std::cerr); };
  });
}

void add_vet(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command = app.add_subcommand(
      "vet", "Find queries that work and should not be as they are: the rules of docs/sqlgen.md");
  add_set_arguments(*command, arguments, false);
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Findings as JSON, on standard output");
  command->final_callback([&arguments, &action, json] {
    action = [&arguments, json] {
      return vet_queries(arguments.settings(), *json, std::cout, std::cerr);
    };
  });
}

void add_verify(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* command = app.add_subcommand(
      "verify", "Check that the queries of an older release work on the schema of today");
  add_set_arguments(*command, arguments, false);
  auto against = std::make_shared<std::string>();
  command
      ->add_option("--against", *against,
                   "The older queries: a folder, or a commit, tag or branch of git")
      ->required();
  command->final_callback([&arguments, &action, against] {
    action = [&arguments, against] {
      return verify(arguments.sets(), *against, std::cout, std::cerr);
    };
  });
}

void add_others(CLI::App& app, SetArguments& arguments, Action& action) {
  auto* starting = app.add_subcommand("init", "Write a commented loci-sqlgen.yaml here");
  starting->final_callback([&] { action = [] { return init(".", std::cout, std::cerr); }; });

  auto* listing = app.add_subcommand("files", "Print which files a build reads and writes");
  add_set_arguments(*listing, arguments, true);
  listing->final_callback([&] {
    action = [&] {
      list_files(arguments.sets(), std::cout);
      return Outcome::ok;
    };
  });
}

int fail(std::string_view why) {
  if (interrupted()) return static_cast<int>(Outcome::interrupted);
  std::cerr << "loci-sqlgen: " << why << '\n';
  return static_cast<int>(Outcome::failed);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(about, "loci-sqlgen");
  app.set_version_flag("--version", "loci-sqlgen " LOCI_VERSION);
  app.footer(ending);
  app.require_subcommand(1);

  SetArguments arguments;
  Action action;
  add_generate(app, arguments, action);
  add_compile(app, arguments, action);
  add_diff(app, arguments, action);
  add_vet(app, arguments, action);
  add_verify(app, arguments, action);
  add_describe(app, arguments, action);
  add_others(app, arguments, action);

  loci::log::set_level(loci::log::Level::error);  // what ends a command is told anyway
  watch_interrupts();
  try {
    app.parse(argc, argv);
    return static_cast<int>(action());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Outcome::failed);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
