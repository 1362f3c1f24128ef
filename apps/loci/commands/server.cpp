// loci up | down | status | psql
#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/pg/connection_string.hpp>
#include <loci/pg/embedded_server.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

std::filesystem::path data_dir(const GlobalOptions& options) {
  const config::Settings settings = settings_for(options);
  return settings.embedded.data_dir.empty() ? pg::EmbeddedServer::default_data_dir()
                                            : settings.embedded.data_dir;
}

void up(const GlobalOptions& options) {
  Engine engine(options);
  if (engine.server() == nullptr) {
    throw Error(ErrorKind::configuration,
                "DATABASE_URL is set: there is no private server to start");
  }
  engine.server()->keep_running();
  if (options.json) {
    std::puts(
        JsonWriter().object().member("dsn").value(engine.server()->dsn()).close().text().c_str());
  } else {
    std::printf("The private PostgreSQL is up and stays up until `loci down`.\n  %s\n",
                engine.server()->dsn().c_str());
  }
}

void down(const GlobalOptions& options) {
  const bool stopped = pg::EmbeddedServer::stop(data_dir(options));
  if (options.json) {
    std::puts(JsonWriter().object().member("stopped").value(stopped).close().text().c_str());
  } else {
    std::puts(stopped ? "Stopped." : "It was not running.");
  }
}

std::string state_name(pg::EmbeddedServer::Status::State state) {
  switch (state) {
    case pg::EmbeddedServer::Status::State::absent:
      return "absent";
    case pg::EmbeddedServer::Status::State::stopped:
      return "stopped";
    case pg::EmbeddedServer::Status::State::running:
      return "running";
  }
  return "unknown";
}

void status(const GlobalOptions& options) {
  const auto now = pg::EmbeddedServer::status(data_dir(options));
  if (options.json) {
    JsonWriter out;
    out.object().member("state").value(state_name(now.state));
    out.member("data_dir").value(now.data_dir.string());
    out.member("log_dir").value(now.log_dir.string());
    out.member("version").value(now.version).member("kept").value(now.kept);
    if (now.pid) out.member("pid").value(*now.pid);
    if (!now.dsn.empty()) out.member("dsn").value(now.dsn);
    std::puts(out.close().text().c_str());
    return;
  }
  std::printf("state    %s%s\n", bold(state_name(now.state)).c_str(),
              now.kept ? " (stays up until `loci down`)" : "");
  std::printf("data     %s\n", now.data_dir.c_str());
  if (!now.version.empty()) std::printf("version  PostgreSQL %s\n", now.version.c_str());
  if (now.pid) std::printf("pid      %d\n", *now.pid);
  if (!now.dsn.empty()) std::printf("connect  %s\n", now.dsn.c_str());
  if (now.state != pg::EmbeddedServer::Status::State::absent) {
    std::printf("log      %s\n", now.log_dir.c_str());
  }
}

// Runs psql as a child, so that the private server stays up for as long as it is used.
int psql(const GlobalOptions& options, const std::vector<std::string>& arguments) {
  Engine engine(options, Engine::Schema::any);
  const std::string program = (pg::EmbeddedServer::find_bin_dir() / "psql").string();
  const pg::ConnectionParts connection = pg::split_password(
      engine.server() != nullptr ? engine.server()->dsn() : engine.settings().database_url);
  const std::string start = "-c loci.tenant_id=" + engine.storage().tenant_id().str();
  std::vector<std::string> words{program, connection.conninfo};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Ctrl-C is psql's: it ends a query there, and must not take the server away below it.
  const auto before = std::signal(SIGINT, SIG_IGN);
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
    ::setenv("PGOPTIONS", start.c_str(), 0);
    if (!connection.password.empty()) ::setenv("PGPASSWORD", connection.password.c_str(), 1);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  if (child < 0) throw Error(ErrorKind::io, "psql could not be started");
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGINT, before);
  return WIFEXITED(state) ? WEXITSTATUS(state) : k_exit_failed;
}

}  // namespace

void add_server_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* up_command =
      app.add_subcommand("up", "Start the private PostgreSQL and keep it running");
  up_command->callback([&options] { up(options); });
  CLI::App* down_command = app.add_subcommand("down", "Stop the private PostgreSQL");
  down_command->callback([&options] { down(options); });
  CLI::App* status_command =
      app.add_subcommand("status", "Where the private PostgreSQL is and whether it runs");
  status_command->callback([&options] { status(options); });

  CLI::App* psql_command =
      app.add_subcommand("psql", "Open psql on the database; what follows goes to psql");
  psql_command->footer("\nExample:\n  loci psql -c 'select count(*) from messages'");
  psql_command->prefix_command()->fallthrough(false);
  psql_command->callback([&options, &exit_code, psql_command] {
    exit_code = psql(options, psql_command->remaining());
  });
}

}  // namespace loci::app
