#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

namespace loci::bench {

namespace {

void add_extras(CLI::App& app, Options& options) {
  app.add_option("--threads", options.threads, "Threads of the event loop")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--slow-share", options.slow_share,
                 "Share of the operations that are a 20 ms statement instead, measured apart")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--slow-shared", options.slow_shared,
               "That statement is declared fit for the shared lane, which it is not");
}

}  // namespace

Parsed parse(int argc, char** argv, Extras extras) {
  Parsed parsed;
  Options& options = parsed.options;
  const std::string name = std::filesystem::path(argv[0]).filename();
  CLI::App app("Measures one cell of the comparison and prints one line of JSON.", name);
  app.add_option("--dsn", options.dsn, "libpq URI of the benchmark's database")->required();
  app.add_option("--workload", options.workload,
                 "W1 point read, W2 list, W3 insert, W4 "
                 "transaction, W5 COPY, W6 vector search")
      ->required()
      ->check(CLI::IsMember({"W1", "W2", "W3", "W4", "W5", "W6"}));
  app.add_option("--clients", options.clients, "Closed loops at once")
      ->required()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--pool", options.pool, "Server connections at most")
      ->required()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", options.seconds, "Length of the measured window")
      ->required()
      ->check(CLI::Range(0.001, 86'400.0));
  app.add_option("--warmup", options.warmup, "Seconds before it")
      ->required()
      ->check(CLI::Range(0.0, 86'400.0));
  if (extras == Extras::of_loci) add_extras(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    parsed.exit_code = app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s (see --help)\n", name.c_str(), error.what());
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace loci::bench
