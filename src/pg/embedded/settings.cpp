#include "pg/embedded/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <format>

#include "pg/embedded/files.hpp"

namespace loci::pg::embedded {
namespace {

constexpr std::uint64_t k_mib = 1024ULL * 1024;

std::string quote(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted += '\'';
}

std::string megabytes(std::uint64_t bytes, std::uint64_t least, std::uint64_t most) {
  return std::format("{}MB", std::clamp(bytes / k_mib, least, most));
}

constexpr std::string_view k_common = R"(
# Access: the unix socket alone, and only for the users in pg_ident.conf.
listen_addresses = ''
port = 5432
unix_socket_permissions = 0700
max_connections = 100

# What Loci's advisor and monitor read.
shared_preload_libraries = 'pg_stat_statements,auto_explain'
pg_stat_statements.max = 5000
auto_explain.log_min_duration = -1
compute_query_id = on
track_io_timing = on

# Queries here are short; compiling them costs more than it saves.
jit = off
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'

# The log: one file for each day of the week, emptied when its day comes again. It holds no
# statement, parameter or row: those are somebody's conversations.
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_file_mode = 0600
log_line_prefix = '%m [%p] %q%u@%d '
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
)";

constexpr std::string_view k_durable = R"(
fsync = on
full_page_writes = on
synchronous_commit = on
max_wal_size = 1GB
min_wal_size = 80MB
)";

constexpr std::string_view k_throwaway = R"(
# A throw-away server: nothing here survives a crash, and nothing needs to.
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
min_wal_size = 32MB
)";

constexpr std::string_view k_hba = "local all all peer map=loci\n";

std::string identity_map(const Identity& who) {
  std::string text;
  const auto admit = [&text](const std::string& user) {
    text += std::format("loci \"{0}\" postgres\nloci \"{0}\" loci\n", user);
  };
  admit(who.name);
  if (who.switched) admit("root");
  return text;
}

}  // namespace

Machine Machine::here() {
  const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 1L));
  const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 1L));
  std::uint64_t memory = pages * page;
  if (const auto limit = read_file("/sys/fs/cgroup/memory.max")) {
    std::uint64_t bytes = 0;  // "max" when there is no limit
    const auto parsed = std::from_chars(limit->data(), limit->data() + limit->size(), bytes);
    if (parsed.ec == std::errc{} && bytes > 0) memory = std::min(memory, bytes);
  }
  return {.memory = memory};
}

std::string server_settings(const Folder& folder, const Identity& who, bool throwaway,
                            const Machine& machine) {
  std::string text = "# Written by Loci before every start; what you change here is lost.\n";
  const auto set = [&text](std::string_view name, const std::string& value) {
    text += std::format("{} = {}\n", name, value);
  };
  set("cluster_name", quote(folder.cluster_name()));
  set("unix_socket_directories", quote('"' + folder.socket_dir(who.uid).string() + '"'));
  set("hba_file", quote(folder.conf() / "pg_hba.conf"));
  set("ident_file", quote(folder.conf() / "pg_ident.conf"));
  set("log_directory", quote(folder.log()));

  const std::uint64_t memory = machine.memory;
  set("shared_buffers", throwaway ? "64MB" : megabytes(memory / 4, 128, 1024));
  set("effective_cache_size", megabytes(memory / 2, 256, 64 * 1024));
  set("maintenance_work_mem", megabytes(memory / 16, 64, throwaway ? 128 : 512));

  text += k_common;
  text += throwaway ? k_throwaway : k_durable;
  return text;
}

void write_settings(const Folder& folder, const Identity& who, bool throwaway) {
  make_folder(folder.conf(), who.switched ? 0711 : 0700);
  const mode_t mode = who.switched ? 0644 : 0600;
  write_file(folder.conf() / "loci.conf", server_settings(folder, who, throwaway, Machine::here()),
             mode);
  write_file(folder.conf() / "pg_hba.conf", k_hba, mode);
  write_file(folder.conf() / "pg_ident.conf", identity_map(who), mode);
}

}  // namespace loci::pg::embedded
