// loci migrate up | down N | status
#include <loci/base/json_writer.hpp>
#include <loci/schema/migrator.hpp>

#include <cstdio>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using schema::Migration;
using State = schema::MigrationStatus::State;

Deadline deadline() {
  return Deadline::after(std::chrono::hours(1));
}

std::vector<Migration> migrations(const std::string& folder) {
  return folder.empty() ? schema::built_in_migrations() : schema::load_migrations(folder);
}

std::string label(std::int64_t version, const std::string& name) {
  std::string number = std::to_string(version);
  if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
  return number + "_" + name;
}

void print_steps(const GlobalOptions& options, const std::vector<Migration>& steps,
                 const char* done, const char* none) {
  if (options.json) {
    JsonWriter out;
    out.object().member(done).array();
    for (const Migration& step : steps) out.value(label(step.version, step.name));
    std::puts(out.close().close().text().c_str());
    return;
  }
  for (const Migration& step : steps)
    std::printf("%s %s\n", done, label(step.version, step.name).c_str());
  if (steps.empty()) std::puts(none);
}

const char* state_name(State state) {
  switch (state) {
    case State::pending:
      return "pending";
    case State::applied:
      return "applied";
    case State::changed:
      return "changed";
    case State::unknown:
      return "unknown";
  }
  return "?";
}

void status(const GlobalOptions& options, const std::string& folder) {
  Engine engine(options, Engine::Schema::any);
  schema::Migrator migrator(engine.storage().pool(), migrations(folder));
  JsonWriter out;
  out.array();
  for (const auto& row : engine.wait(migrator.status(deadline()))) {
    const std::string when = row.applied_at ? to_rfc3339(*row.applied_at) : "";
    if (options.json) {
      out.object().member("version").value(row.version).member("name").value(row.name);
      out.member("state").value(state_name(row.state));
      if (row.applied_at) out.member("applied_at").value(when);
      out.close();
    } else {
      std::printf("%-9s %-28s %s\n", state_name(row.state), label(row.version, row.name).c_str(),
                  when.c_str());
    }
  }
  if (options.json) std::puts(out.close().text().c_str());
}

}  // namespace

void add_migrate_commands(CLI::App& app, const GlobalOptions& options, int& /*exit_code*/) {
  CLI::App* migrate = app.add_subcommand("migrate", "Bring the database's schema up or down");
  migrate->require_subcommand(1);
  const auto folder = std::make_shared<std::string>();
  migrate->add_option("--dir", *folder, "Migrations from this folder instead of the built-in ones");

  CLI::App* up = migrate->add_subcommand("up", "Apply what is pending");
  up->callback([&options, folder] {
    Engine engine(options, Engine::Schema::any);
    schema::Migrator migrator(engine.storage().pool(), migrations(*folder));
    print_steps(options, engine.wait(migrator.up(deadline())), "applied", "Nothing is pending.");
  });

  CLI::App* down = migrate->add_subcommand("down", "Undo the newest N steps; their data is lost");
  const auto count = std::make_shared<int>(1);
  down->add_option("N", *count, "How many")->required()->check(CLI::Range(1, 1000000));
  down->callback([&options, folder, count] {
    Engine engine(options, Engine::Schema::any);
    schema::Migrator migrator(engine.storage().pool(), migrations(*folder));
    print_steps(options, engine.wait(migrator.down(*count, deadline())), "undone",
                "Nothing to undo.");
  });

  CLI::App* state = migrate->add_subcommand("status", "What is applied and what is pending");
  state->callback([&options, folder] { status(options, *folder); });
  for (CLI::App* command : {up, down, state}) command->fallthrough();
}

}  // namespace loci::app
