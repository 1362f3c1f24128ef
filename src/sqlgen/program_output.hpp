#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace loci::sqlgen {

struct ProgramCall {
  std::vector<std::string> words;                       ///< The program, found in PATH, first.
  std::map<std::string, std::string> environment = {};  ///< Beside our own.
  bool show_errors = false;  ///< Its standard error is ours; else it goes nowhere.
};

/// Runs a program to its end, without a shell, and gives its standard output; nothing when its exit
/// code is not 0. Errors: io, when it cannot be started.
[[nodiscard]] std::optional<std::string> output_of(ProgramCall call);

}  // namespace loci::sqlgen
