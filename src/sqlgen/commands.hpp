#pragma once
#include <filesystem>
#include <iosfwd>
#include <string>

/// What the command line does, apart from reading its arguments.
namespace loci::sqlgen {

/// What a command ends with; the program's exit code.
enum class Outcome : int {
  ok = 0,
  faults = 1,       ///< Of the SQL, or stale files.
  wrong_usage = 2,  ///< The arguments made no sense; given by the program itself.
};

struct Inputs {
  std::filesystem::path schema;   ///< Folder of NNNN_name.up.sql, or one SQL file.
  std::filesystem::path queries;  ///< Folder of SQL files, or one of them.
};

struct GenerateOptions {
  Inputs inputs;
  std::filesystem::path out;
  std::string name_space = "loci::queries";
  bool check = false;  ///< Write nothing; name what is stale.
};

/// Writes a header for each query file. Faults and stale files go to `err`, one line each; when
/// there is a fault, nothing is written. Errors: configuration and io, of the server and the
/// folders.
[[nodiscard]] Outcome generate(const GenerateOptions& options, std::ostream& err);

/// Prints all queries as JSON to `out`. Faults go to `err`, or as JSON to `out` too when
/// `faults_as_json`. Errors: as generate().
[[nodiscard]] Outcome describe(const Inputs& inputs, bool faults_as_json, std::ostream& out,
                               std::ostream& err);

}  // namespace loci::sqlgen
