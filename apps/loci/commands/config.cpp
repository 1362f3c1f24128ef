// loci config show | check
#include <loci/base/json_writer.hpp>
#include <loci/config/read_settings.hpp>

#include <cstdio>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using config::Fault;
using config::ReadSettings;
using config::SettingValue;

void write_origin(JsonWriter& out, const config::Origin& origin) {
  out.object().member("origin").value(to_string(origin));
  if (origin.line > 0) {
    out.member("line").value(origin.line).member("column").value(origin.column);
  }
}

void print_faults(const ReadSettings& read) {
  for (const Fault& fault : read.faults) {
    std::fprintf(stderr, "loci: %s\n", printable(to_string(fault)).c_str());
  }
}

void print_json(const std::vector<SettingValue>& values) {
  JsonWriter out;
  out.array();
  for (const SettingValue& value : values) {
    write_origin(out, value.origin);
    out.member("key").value(value.key).member("value");
    value.value ? out.value(*value.value) : out.null();
    out.member("hidden").value(value.hidden).member("acts").value(value.acts).close();
  }
  std::puts(out.close().text().c_str());
}

void print_text(const std::vector<SettingValue>& values) {
  for (const SettingValue& value : values) {
    const std::string shown = value.value ? printable(*value.value) : dim("(left to loci)");
    std::string about = to_string(value.origin);
    if (value.hidden) about += ", secrets hidden";
    if (!value.acts) about += ", does not act yet";
    std::printf("%s: %s  %s\n", value.key.c_str(), shown.c_str(),
                dim("# " + printable(about)).c_str());
  }
}

int show(const GlobalOptions& options) {
  const ReadSettings read = config::read_settings(sources_of(options), command_defaults());
  print_faults(read);
  options.json ? print_json(read.values) : print_text(read.values);
  return read.faults.empty() ? 0 : k_exit_failed;
}

int check(const GlobalOptions& options, const std::string& file) {
  config::Sources sources = sources_of(options);
  if (!file.empty()) sources.file = file;
  const ReadSettings read = config::read_settings(sources, command_defaults());
  if (options.json) {
    JsonWriter out;
    out.object().member("file");
    read.file.empty() ? out.null() : out.value(read.file);
    out.member("faults").array();
    for (const Fault& fault : read.faults) {
      write_origin(out, fault.place);
      out.member("message").value(fault.text).close();
    }
    std::puts(out.close().close().text().c_str());
  } else if (read.faults.empty()) {
    const std::string what = read.file.empty() ? "There is no settings file, and" : read.file + ":";
    std::printf("%s all is well.\n", printable(what).c_str());
  } else {
    print_faults(read);
  }
  return read.faults.empty() ? 0 : k_exit_failed;
}

}  // namespace

void add_config_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("config", "What is set, where it comes from, what is wrong");
  command->require_subcommand(1);

  CLI::App* show_command =
      command->add_subcommand("show", "Every setting, its value, and where that came from");
  show_command->fallthrough();
  show_command->footer(
      "\nThe origin is default, FILE:LINE:COLUMN, a variable or a flag. Secrets are hidden.\n\n"
      "Example:\n  loci config show --set storage.postgres.max_connections=5");
  show_command->callback([&options, &exit_code] { exit_code = show(options); });

  CLI::App* check_command = command->add_subcommand("check", "Everything that is wrong, at once");
  check_command->fallthrough();
  const auto file = std::make_shared<std::string>();
  check_command->add_option("FILE", *file, "A settings file instead of the one that would be read");
  check_command->footer(
      "\nThe environment and flags are checked with it. Exit code 0: all is well; 1: it is not.");
  check_command->callback([&options, &exit_code, file] { exit_code = check(options, *file); });
}

}  // namespace loci::app
