#pragma once
#include "sqlgen/config/config.hpp"

#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>

/// What the command line does, apart from reading its arguments.
namespace loci::sqlgen {

/// What a command ends with; the program's exit code.
enum class Outcome : int {
  ok = 0,
  findings = 1,       ///< Faults in the SQL, or stale files.
  failed = 2,         ///< It could not be done: wrong arguments or settings, no server.
  interrupted = 130,  ///< Ctrl-C.
};

struct GenerateOptions {
  enum class Mode : std::uint8_t {
    write,
    check,  ///< Write nothing; name what is stale.
    diff,   ///< Write nothing; print what writing would change, as `diff -u` does.
  } mode = Mode::write;
  bool cached = true;  ///< Do nothing when nothing has changed since the last time.
  /// Write a header for each query file and for the models even when there is nothing in it: what a
  /// build that must know its files beforehand needs (list_files()).
  bool every_header = false;
};

/// Writes a header for each query file. Faults go to `err`, one line each, differences to `out`;
/// while there is a fault in any set, nothing of that set is written.
/// Errors, of every command: configuration, io and connect, of the server and the folders;
/// cancelled.
[[nodiscard]] Outcome generate(std::span<const QuerySet> sets, const GenerateOptions& options,
                               std::ostream& out, std::ostream& err);

/// Asks the server about all queries, and whether C++ has all their types; writes nothing.
[[nodiscard]] Outcome check_queries(std::span<const QuerySet> sets, std::ostream& err);

/// Prints all queries as JSON to `out`, a line for each set. Faults go to `err`, or as JSON to
/// `out` too when `faults_as_json`.
[[nodiscard]] Outcome describe(std::span<const QuerySet> sets, bool faults_as_json,
                               std::ostream& out, std::ostream& err);

/// Checks all queries against the rules of vet/vet.hpp that the settings name, or all of them.
/// Findings, and what could not be checked, go to `err`, or `as_json` to `out`:
/// `{"findings": [...], "notes": [...], "errors": [...]}`.
[[nodiscard]] Outcome vet_queries(const Config& config, bool as_json, std::ostream& out,
                                  std::ostream& err);

/// Whether the queries of an older release still work on the schema of today. `against` is a folder
/// (of queries, or one that holds the sets' own paths) or a commit.
[[nodiscard]] Outcome verify(std::span<const QuerySet> sets, const std::string& against,
                             std::ostream& out, std::ostream& err);

/// Prints what a build has to know, a line each: `schema PATH`, `queries PATH`, `out FOLDER` and
/// `header FILE`, for every file that generate() with `every_header` writes.
void list_files(std::span<const QuerySet> sets, std::ostream& out);

/// Writes a commented loci-sqlgen.yaml into the folder, unless there is one.
[[nodiscard]] Outcome init(const std::filesystem::path& folder, std::ostream& out,
                           std::ostream& err);

}  // namespace loci::sqlgen
