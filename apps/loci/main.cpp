#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <cstdio>
#include <exception>

#include "commands.hpp"
#include "terminal.hpp"

namespace {

constexpr const char* k_footer = R"(
A first hour:
  loci import conversations.json        take a chat history over
  loci search "how did I fix the deadlock"
  loci show ID                          read the conversation around a hit

Without DATABASE_URL, Loci keeps a private PostgreSQL of its own, started when a command needs
it and stopped after the last one; `loci up` keeps it running.

Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but part of the input was broken, or a warning;
130 Ctrl-C.)";

}  // namespace

int main(int argc, char** argv) {
  using namespace loci::app;
  CLI::App app("Loci keeps an assistant's conversations, and finds them again by meaning.", "loci");
  app.set_version_flag("--version", "loci " LOCI_VERSION);
  app.require_subcommand(1);
  app.footer(k_footer);
  app.get_formatter()->column_width(34);

  GlobalOptions options;
  std::string log_level = "error";  // what ends a command is told anyway
  app.add_option("--config", options.config_file,
                 "Settings file (also LOCI_CONFIG); `loci config show` tells what is set");
  app.add_option("--set", options.set, "KEY=VALUE: any setting of that file, for this command")
      ->allow_extra_args(false);
  app.add_option("--database-url", options.database_url,
                 "Use this PostgreSQL instead of the private one (also DATABASE_URL)");
  app.add_option("--data-dir", options.data_dir,
                 "Folder of the private PostgreSQL (also LOCI_DATA_DIR)");
  app.add_flag("--json", options.json, "Print JSON instead of text");
  app.add_flag("-q,--quiet", options.quiet, "No progress, no hints");
  app.add_option("--log-level", log_level, "debug, info, warn, error or off")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
  app.fallthrough();
  app.parse_complete_callback([&] {
    using loci::log::Level;
    const std::map<std::string, Level> levels{{"debug", Level::debug},
                                              {"info", Level::info},
                                              {"warn", Level::warn},
                                              {"error", Level::error},
                                              {"off", Level::off}};
    loci::log::set_level(levels.at(log_level));
  });

  int exit_code = 0;
  add_import_commands(app, options, exit_code);
  add_search_commands(app, options, exit_code);
  add_browse_commands(app, options, exit_code);
  add_migrate_commands(app, options, exit_code);
  add_server_commands(app, options, exit_code);
  add_vector_commands(app, options, exit_code);
  add_health_commands(app, options, exit_code);
  add_config_commands(app, options, exit_code);

  watch_interrupts();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : k_exit_usage;
  } catch (const loci::Error& error) {
    std::fprintf(stderr, "loci: %s\n", printable(error.what()).c_str());
    return interrupted() ? k_exit_interrupted : k_exit_failed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loci: %s\n", printable(error.what()).c_str());
    return k_exit_failed;
  }
  return exit_code;
}
