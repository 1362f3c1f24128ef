#include "pg/embedded/programs.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <loci/base/error.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include "pg/embedded/process.hpp"

namespace loci::pg::embedded {
namespace {

using std::filesystem::path;

constexpr std::array<std::string_view, 4> k_usual_places = {
    "/usr/lib/postgresql/17/bin",  // Debian, Ubuntu
    "/usr/pgsql-17/bin",           // the PostgreSQL project's RPMs
    "/usr/libexec/postgresql17",   // Alpine
    "/usr/local/pgsql/bin",        // built from source
};

// The first line the program prints when run by ourselves, or nothing when it cannot be run.
std::optional<std::string> answer(const path& program, const char* question) {
  if (::access(program.c_str(), X_OK) != 0) return std::nullopt;
  try {
    const Outcome outcome = run({.program = program, .arguments = {question}}, Identity{}, {},
                                Deadline::after(std::chrono::seconds(10)));
    if (outcome.exit_code != 0) return std::nullopt;
    return outcome.output.substr(0, outcome.output.find('\n'));
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Of lines such as `postgres (PostgreSQL) 17.2 (Debian ...)` and `PostgreSQL 17.2`.
bool names_our_version(std::string_view line) {
  constexpr std::string_view name = "PostgreSQL";
  const auto at = line.find(name);
  if (at == std::string_view::npos) return false;
  line.remove_prefix(at + name.size());
  line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
  const std::string major = std::to_string(k_major_version);
  return line.starts_with(major) &&
         (line.size() == major.size() || line[major.size()] < '0' || line[major.size()] > '9');
}

bool holds_our_version(const path& folder) {
  const auto version = answer(folder / "postgres", "--version");
  return version && names_our_version(*version) && ::access((folder / "initdb").c_str(), X_OK) == 0;
}

std::optional<path> asked_pg_config(const path& folder) {
  const path pg_config = folder / "pg_config";
  const auto version = answer(pg_config, "--version");
  if (!version || !names_our_version(*version)) return std::nullopt;
  const auto bin = answer(pg_config, "--bindir");
  return bin && holds_our_version(*bin) ? std::optional<path>(*bin) : std::nullopt;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(
      ErrorKind::configuration,
      what +
          "; install it with `apt install postgresql-17 postgresql-17-pgvector`, name its "
          "folder of programs in LOCI_PG_BIN, or name a server of your own in DATABASE_URL");
}

}  // namespace

path find_programs(const path& given) {
  const char* const named = std::getenv("LOCI_PG_BIN");
  path wanted = !given.empty() || named == nullptr ? given : path(named);
  if (!wanted.empty()) {
    if (holds_our_version(wanted)) return wanted;
    refuse(wanted.string() + " does not hold the programs of PostgreSQL 17");
  }

  std::string tried;
  for (const std::string_view place : k_usual_places) {
    if (holds_our_version(place)) return place;
    tried.append(tried.empty() ? "" : ", ").append(place);
  }
  const char* const search = std::getenv("PATH");
  for (const auto part : std::views::split(std::string_view(search ? search : ""), ':')) {
    const path folder(std::string_view(part.begin(), part.end()));
    if (!folder.is_absolute()) continue;
    if (auto bin = asked_pg_config(folder)) return *std::move(bin);
  }
  refuse("PostgreSQL 17 is not on this machine (tried " + tried + " and pg_config on the PATH)");
}

}  // namespace loci::pg::embedded
