#include "pg/embedded/init.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include "pg/embedded/files.hpp"
#include "pg/embedded/process.hpp"
#include "pg/embedded/programs.hpp"

namespace loci::pg::embedded {
namespace {

using std::filesystem::path;

constexpr std::string_view k_unfinished = "postgres.new-";
constexpr std::chrono::minutes k_initdb_time{5};

// Extensions go into template1, so that every database made later has them: vector needs a
// superuser to be created. Role loci_search will own the few functions that run with its rights.
constexpr std::string_view k_bootstrap = R"(
create role loci login;

create role loci_search nologin;

grant loci_search to loci with inherit false, set true;

grant pg_read_all_stats, pg_monitor to loci;

grant set on parameter auto_explain.log_min_duration, auto_explain.log_analyze,
  auto_explain.log_buffers, auto_explain.log_timing, auto_explain.log_parameter_max_length to loci;

create extension vector;

create extension pg_stat_statements;

create database loci owner loci;

)";

constexpr std::string_view k_may_create = "alter role loci createdb;\n\n";

std::string first_line(std::string text) {
  return text.erase(std::min(text.find('\n'), text.size()));
}

void remove_unfinished(const path& root) {
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (!entry.path().filename().string().starts_with(k_unfinished)) continue;
    std::error_code ignored;  // a program of a killed process may still write there; next time then
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

path make_unfinished(const path& root, const Identity& who) {
  std::string name = (root / (std::string(k_unfinished) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) throw_errno("cannot make a folder in " + root.string());
  give_to(name, who.uid, who.gid);
  return name;
}

void initdb(const path& data, const Identity& who, const path& programs) {
  const Command command{
      .program = programs / "initdb",
      .arguments = {"--pgdata", data.string(), "--username=postgres", "--auth-local=peer",
                    "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
                    "--no-instructions", "--no-sync"}};
  const Outcome outcome = run(command, who, {}, Deadline::after(k_initdb_time));
  if (outcome.exit_code != 0) throw Error(ErrorKind::io, "initdb failed: " + outcome.output);
}

// In single-user mode: no socket that others could reach before the roles are there.
// Neither program syncs (-F): all is written out once, before the folder gets its name.
void bootstrap(const path& data, const Identity& who, const path& programs, bool throwaway) {
  const Command command{
      .program = programs / "postgres",
      .arguments = {"--single", "-F", "-j", "-D", data.string(), "-c", "exit_on_error=true", "-c",
                    "log_checkpoints=false", "template1"}};
  std::string sql(k_bootstrap);
  if (throwaway) sql += k_may_create;
  const Outcome outcome = run(command, who, sql, Deadline::after(k_initdb_time));
  if (outcome.exit_code == 0) return;
  if (outcome.output.contains("extension \"vector\" is not available")) {
    throw Error(ErrorKind::configuration,
                "the pgvector extension is missing from the PostgreSQL in " + programs.string() +
                    "; install it with `apt install postgresql-17-pgvector`");
  }
  throw Error(ErrorKind::io, "preparing the new database failed: " + outcome.output);
}

}  // namespace

bool check_data(const Folder& folder) {
  if (!owner_of(folder.data())) return false;
  const auto version = read_file(folder.data() / "PG_VERSION");
  if (!version || !read_file(folder.data_mark())) {
    throw Error(ErrorKind::configuration,
                folder.data().string() +
                    " was not made by Loci; move it away, or choose another "
                    "data folder");
  }
  const std::string major = first_line(*version);
  if (major != std::to_string(k_major_version)) {
    throw Error(ErrorKind::configuration,
                folder.data().string() + " was made by PostgreSQL " + major +
                    ", and this Loci runs PostgreSQL " + std::to_string(k_major_version) +
                    "; carry it over with pg_upgrade, or dump it with PostgreSQL " + major +
                    " and load the dump into a new data folder");
  }
  return true;
}

void make_data(const Folder& folder, const Identity& who, const path& programs, bool throwaway) {
  log::info("embedded server: making a data folder");
  remove_unfinished(folder.root());
  const path data = make_unfinished(folder.root(), who);
  try {
    initdb(data, who, programs);
    bootstrap(data, who, programs, throwaway);
    append_file(data / "postgresql.conf",
                "\n# Loci's settings; a setting of yours wins when it stands below.\n"
                "include '../conf/loci.conf'\n");
    write_file(data / folder.data_mark().filename(), "1\n", 0600);
    if (!throwaway) sync_file_system(data);
    if (::rename(data.c_str(), folder.data().c_str()) != 0) {
      throw_errno("cannot name " + folder.data().string());
    }
    if (!throwaway) sync_folder(folder.root());
  } catch (...) {
    remove_unfinished(folder.root());
    throw;
  }
}

}  // namespace loci::pg::embedded
