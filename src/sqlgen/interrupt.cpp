#include "sqlgen/interrupt.hpp"

#include <loci/base/error.hpp>

#include <atomic>
#include <csignal>

namespace loci::sqlgen {
namespace {

std::atomic<bool> g_interrupted{false};  // the one thing a signal handler may write

void on_interrupt(int signal) {
  if (g_interrupted.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() noexcept {
  return g_interrupted.load();
}

void check_interrupt() {
  if (interrupted()) throw Error(ErrorKind::cancelled, "interrupted");
}

}  // namespace loci::sqlgen
