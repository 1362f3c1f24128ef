// loci migrate up | down N | goto V | redo | status | dry-run | baseline V
#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/schema/migrator.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <future>

#include "../commands.hpp"
#include "../terminal.hpp"
#include "migrate_lint.hpp"

namespace loci::app {

namespace {

namespace asio = boost::asio;
using schema::MigrationStep;
using Direction = MigrationStep::Direction;
using State = schema::MigrationStatus::State;
using Steps = std::vector<MigrationStep>;

constexpr const char* k_migrate_footer = R"(
A migration is NNNN_name.up.sql with NNNN_name.down.sql, or one NNNN_name.sql in the form of goose,
dbmate or tern; R__name.sql runs again whenever it changes. Each runs in a transaction, unless a
statement in it cannot (CREATE INDEX CONCURRENTLY, VACUUM, ...): then statement by statement, and a
run that was cut off is finished by the next. One process migrates at a time; the others wait.

Examples:
  loci migrate lint --dir migrations       what would lock or rewrite tables; needs no database
  loci migrate dry-run --dir migrations    try it all, and roll it back
  loci migrate up --dir migrations
  loci migrate goto 12 --dir migrations    up or down, whichever leads to version 12)";

struct Arguments {
  std::string folder;
  std::string table;
  std::optional<int> lock_timeout;  // ms
  bool allow_late = false;
};

// With the flags that stand for settings.
GlobalOptions with_flags(GlobalOptions options, const Arguments& arguments) {
  const auto add = [&](const char* key, const std::string& value, const char* flag) {
    options.flags.push_back({.key = key, .value = value, .name = flag});
  };
  if (!arguments.folder.empty()) add("storage.migrations.directory", arguments.folder, "--dir");
  if (!arguments.table.empty()) add("storage.migrations.table", arguments.table, "--table");
  if (arguments.lock_timeout) {
    add("storage.migrations.lock_timeout", std::to_string(*arguments.lock_timeout) + "ms",
        "--lock-timeout");
  }
  return options;
}

Deadline deadline() {
  return Deadline::after(std::chrono::hours(24));  // index builds; Ctrl-C ends it earlier
}

std::string label(std::int64_t version, const std::string& name) {
  if (version == 0) return "R__" + name;
  std::string number = std::to_string(version);
  if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
  return number + "_" + name;
}

void print_progress(const schema::MigrationProgress& progress) {
  using Moment = schema::MigrationProgress::Moment;
  if (progress.moment != Moment::starts) return;
  const bool many = progress.statements_total > progress.statements_done;
  const std::string where = many ? " (to statement " + std::to_string(progress.statements_done) +
                                       " of " + std::to_string(progress.statements_total) + ")"
                                 : "";
  std::fprintf(stderr, "%s %s%s ...\n",
               progress.direction == Direction::down ? "undoing" : "applying",
               label(progress.migration.version, progress.migration.name).c_str(), where.c_str());
}

/// An engine and a migrator on it, as one command needs them.
class Session {
public:
  Session(const GlobalOptions& options, const Arguments& arguments)
      : migrations_(migrations_of(settings_for(options))), engine_(options, Engine::Schema::any) {
    schema::MigratorOptions own = engine_.settings().postgres.migrator;
    own.allow_late = arguments.allow_late;
    if (!options.quiet && !options.json && stderr_is_terminal()) own.on_progress = print_progress;
    if (!options.quiet && !options.json) {
      own.on_wait = [](const std::string& holder) {
        std::fprintf(stderr, "waiting: %s is migrating this database ...\n",
                     printable(holder).c_str());
      };
    }
    migrator_.emplace(engine_.storage().pool(), migrations_, std::move(own));
  }

  schema::Migrator& migrator() { return *migrator_; }

  /// Waits for the work, and stops it at Ctrl-C.
  template <class T>
  T wait(asio::awaitable<T> work) {
    const auto strand = asio::make_strand(engine_.runtime().executor());
    asio::cancellation_signal stop;
    std::future<T> result = asio::co_spawn(
        strand, std::move(work), asio::bind_cancellation_slot(stop.slot(), asio::use_future));
    bool told = false;
    while (result.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
      if (told || !interrupted()) continue;
      asio::post(strand,
                 asio::use_future([&stop] { stop.emit(asio::cancellation_type::terminal); }))
          .get();
      told = true;
    }
    try {
      return result.get();
    } catch (const std::exception&) {
      if (!told) throw;
    }
    stop_server_side();
    throw Error(ErrorKind::cancelled,
                "interrupted; what is complete was kept, and the next `loci migrate up` finishes "
                "what was begun");
  }

private:
  /// The statement is asked to stop in the background, which must not end with the process.
  void stop_server_side() {
    pg::Pool& pool = engine_.storage().pool();
    pool.close();
    try {
      engine_.wait(pool.wait_closed(Deadline::after(std::chrono::seconds(5))));
    } catch (const Error&) {
      // Then the server finds out by itself that nobody is there.
    }
  }

  std::vector<schema::Migration> migrations_;
  Engine engine_;
  std::optional<schema::Migrator> migrator_;
};

/// The steps of one kind: its word in text, its member in JSON.
struct Kind {
  const char* word;
  bool (*is)(const MigrationStep&);
};
constexpr Kind k_undone{
    "undone", [](const MigrationStep& step) { return step.direction == Direction::down; }};
constexpr Kind k_applied{"applied",
                         [](const MigrationStep& step) { return step.direction == Direction::up; }};
constexpr Kind k_recorded{
    "recorded", [](const MigrationStep& step) { return step.direction == Direction::record; }};
constexpr Kind k_tried{"tried", [](const MigrationStep& step) { return step.tried; }};
constexpr Kind k_not_tried{"not_tried", [](const MigrationStep& step) { return !step.tried; }};

void print_steps(const GlobalOptions& options, const Steps& steps, std::vector<Kind> kinds,
                 const char* none) {
  JsonWriter out;
  out.object();
  for (const Kind& kind : kinds) {
    out.member(kind.word).array();
    for (const MigrationStep& step : steps) {
      if (kind.is(step)) out.value(label(step.version, step.name));
    }
    out.close();
  }
  if (options.json) {
    std::puts(out.close().text().c_str());
    return;
  }
  for (const MigrationStep& step : steps) {  // in the order in which they ran
    for (const Kind& kind : kinds) {
      if (kind.is(step)) std::printf("%s %s\n", kind.word, label(step.version, step.name).c_str());
    }
  }
  if (steps.empty()) std::puts(none);
}

const char* state_name(State state) {
  switch (state) {
    case State::pending:
      return "pending";
    case State::applied:
      return "applied";
    case State::outdated:
      return "outdated";
    case State::partial:
      return "partial";
    case State::late:
      return "late";
    case State::changed:
      return "changed";
    case State::missing:
      return "missing";
    case State::foreign:
      return "foreign";
  }
  return "?";
}

void print_status(const GlobalOptions& options,
                  const std::vector<schema::MigrationStatus>& statuses) {
  JsonWriter out;
  out.array();
  for (const schema::MigrationStatus& row : statuses) {
    const std::string when = row.applied_at ? to_rfc3339(*row.applied_at) : "";
    if (options.json) {
      out.object().member("version").value(row.version).member("name").value(row.name);
      out.member("state").value(state_name(row.state));
      if (row.applied_at) out.member("applied_at").value(when);
      if (row.state == State::partial) {
        out.member("statements_done").value(row.statements_done);
        out.member("statements_total").value(row.statements_total);
      }
      if (!row.remedy.empty()) out.member("remedy").value(row.remedy);
      out.close();
      continue;
    }
    std::printf("%-9s %-28s %s\n", state_name(row.state), label(row.version, row.name).c_str(),
                when.c_str());
    if (!row.remedy.empty()) std::printf("          %s\n", printable(row.remedy).c_str());
  }
  if (options.json) std::puts(out.close().text().c_str());
}

}  // namespace

void add_migrate_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* migrate = app.add_subcommand("migrate", "Bring the database's schema up or down");
  migrate->require_subcommand(1);
  migrate->footer(k_migrate_footer);
  const auto arguments = std::make_shared<Arguments>();
  const auto version = std::make_shared<std::int64_t>(0);
  const auto count = std::make_shared<int>(1);
  migrate->add_option("--dir", arguments->folder,
                      "Migrations from this folder instead of the built-in ones");
  migrate->add_option("--table", arguments->table,
                      "Version table, where another tool has schema_migrations already");
  migrate->add_flag("--allow-late", arguments->allow_late,
                    "Apply a migration below the newest applied one instead of refusing it");
  migrate
      ->add_option("--lock-timeout", arguments->lock_timeout,
                   "Milliseconds to wait for a table's lock before trying again later; 0: for ever "
                   "(3000, or storage.migrations.lock_timeout)")
      ->check(CLI::Range(0, 3600000));

  const auto command = [&](const char* name, const char* help, const char* footer, auto body) {
    CLI::App* added = migrate->add_subcommand(name, help);
    added->footer(footer);
    added->fallthrough();
    added->callback([&options, arguments, body] {
      Session session(with_flags(options, *arguments), *arguments);
      body(session);
    });
    return added;
  };

  CLI::App* up = command(
      "up", "Apply what is pending",
      "\nRepeatable files that changed run last. An applied file that was changed or is gone is\n"
      "refused, and named, before anything runs.\n\nExample:\n  loci migrate up --to 12",
      [&options, version](Session& session) {
        schema::Migrator& migrator = session.migrator();
        print_steps(options,
                    session.wait(*version > 0 ? migrator.up_to(*version, deadline())
                                              : migrator.up(deadline())),
                    {k_undone, k_applied}, "Nothing is pending.");
      });
  up->add_option("--to", *version, "Stop after this version")->check(CLI::PositiveNumber);

  CLI::App* down =
      command("down", "Undo the newest N steps; their data is lost",
              "\nExample:\n  loci migrate down 1", [&options, count](Session& session) {
                print_steps(options, session.wait(session.migrator().down(*count, deadline())),
                            {k_undone, k_applied}, "Nothing to undo.");
              });
  down->add_option("N", *count, "How many")->required()->check(CLI::Range(1, 1000000));

  CLI::App* go =
      command("goto", "Go up or down to a version",
              "\nWhat goes down loses its data. Version 0 undoes everything.\n\n"
              "Example:\n  loci migrate goto 3",
              [&options, version](Session& session) {
                print_steps(options, session.wait(session.migrator().go_to(*version, deadline())),
                            {k_undone, k_applied}, "It is there already.");
              });
  go->add_option("V", *version, "The version")->required()->check(CLI::NonNegativeNumber);

  command("redo", "Undo the newest step and apply it again; its data is lost",
          "\nFor writing a migration: edit its down file, redo, look.",
          [&options](Session& session) {
            print_steps(options, session.wait(session.migrator().redo(deadline())),
                        {k_undone, k_applied}, "Nothing to do again.");
          });

  command("status", "What is applied and what is pending",
          "\nStates: pending, applied; outdated (a repeatable file that changed); partial (begun,\n"
          "finished by the next run); late, changed, missing, foreign (refused, with the remedy).",
          [&options](Session& session) {
            print_status(options, session.wait(session.migrator().status(deadline())));
          });

  command("dry-run", "Try what is pending in a transaction and roll it back",
          "\nIt holds the locks of every statement until the end: not for a busy database. What\n"
          "cannot run in a transaction, and what stands behind it, is listed as not tried.",
          [&options](Session& session) {
            print_steps(options, session.wait(session.migrator().dry_run(deadline())),
                        {k_tried, k_not_tried}, "Nothing is pending.");
          });

  CLI::App* baseline = command(
      "baseline", "Record everything up to a version as applied, without running it",
      "\nFor a database that has the schema already, made by hand or by another tool.\n\n"
      "Example:\n  loci migrate baseline 12 --dir migrations",
      [&options, version](Session& session) {
        print_steps(options, session.wait(session.migrator().baseline(*version, deadline())),
                    {k_undone, k_applied, k_recorded}, "It is recorded already.");
      });
  baseline->add_option("V", *version, "The version")->required()->check(CLI::PositiveNumber);

  add_lint_command(
      *migrate, options,
      [&options, arguments] {
        return migrations_of(settings_for(with_flags(options, *arguments)));
      },
      exit_code);
}

}  // namespace loci::app
