// How long until the private server of an existing folder answers? README.md has the answer.
//
//   start_bench [ROUNDS]
#include <loci/pg/embedded_server.hpp>

#include <signal.h>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "timed_programs.hpp"

namespace {

using loci::bench::Place;
using loci::bench::timed;
using loci::bench::Words;
using loci::pg::EmbeddedServer;

void report(const char* what, const std::vector<double>& seconds) {
  std::printf("%-28s median %.2f s, longest %.2f s of %zu\n", what, loci::bench::median(seconds),
              std::ranges::max(seconds), seconds.size());
}

void measure(int rounds, const Place& place) {
  const std::filesystem::path data = place.path / "data";
  const auto loci = [&](const char* command) {
    return timed(Words{loci::bench::loci_program(), "--data-dir", data, command}).seconds;
  };
  const double first = loci("up");
  std::printf("%-28s %.2f s\n", "a new folder", first);
  std::vector<double> stopped;
  std::vector<double> running;
  std::vector<double> killed;
  for (int round = 0; round < rounds; ++round) {
    (void)loci("down");
    stopped.push_back(loci("up"));
    running.push_back(loci("up"));
    ::kill(EmbeddedServer::status(data).pid.value(), SIGKILL);
    killed.push_back(loci("up"));
  }
  (void)loci("down");
  report("stopped before", stopped);
  report("running already", running);
  report("killed before (recovery)", killed);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Place place;
    measure(argc > 1 ? std::atoi(argv[1]) : 15, place);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "start_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
