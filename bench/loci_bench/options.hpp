#pragma once
#include <optional>
#include <string>

namespace loci::bench {

/// One cell of the comparison, as the command line names it.
struct Options {
  std::string dsn;
  std::string workload;      ///< W1 ... W6.
  int clients = 0;           ///< Closed loops, each one coroutine.
  int pool = 0;              ///< Server connections, at most.
  double seconds = 0;        ///< The measured window.
  double warmup = 0;         ///< Before it.
  unsigned threads = 1;      ///< Of the event loop.
  double slow_share = 0;     ///< Of the operations that are a 20 ms statement instead.
  bool slow_shared = false;  ///< That statement is declared fit for the shared lane.
};

/// Which options a program has beside the contract's.
enum class Extras { none, of_loci };

/// Reads the command line. Where there is nothing to measure (wrong usage, --help) it has said why,
/// and gives the exit code instead: 2 or 0.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
[[nodiscard]] Parsed parse(int argc, char** argv, Extras extras);

}  // namespace loci::bench
