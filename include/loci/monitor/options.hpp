#pragma once
#include <chrono>

namespace loci::monitor {

struct MonitorOptions {
  /// How often a sample is taken. Nothing acts on it yet: the settings file reads, checks and shows
  /// it, and the monitor will take it from here.
  std::chrono::milliseconds metrics_interval = std::chrono::seconds(30);
};

}  // namespace loci::monitor
