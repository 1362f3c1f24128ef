#include "storage/health/machine.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <fstream>
#include <string>

#include "pg/embedded/settings.hpp"

namespace loci::storage::health {

namespace {

// As Linux tells it; a partition has its disk's above it.
std::optional<bool> spins(const std::filesystem::path& folder) {
  struct stat facts{};
  if (::stat(folder.c_str(), &facts) != 0) return std::nullopt;
  const std::filesystem::path device = "/sys/dev/block/" + std::to_string(major(facts.st_dev)) +
                                       ":" + std::to_string(minor(facts.st_dev));
  for (const auto& place : {device / "queue/rotational", device / "../queue/rotational"}) {
    std::ifstream file(place);
    int rotational = 0;
    if (file >> rotational) return rotational != 0;
  }
  return std::nullopt;
}

}  // namespace

MachineFacts machine_of(const std::filesystem::path& data_dir) {
  if (data_dir.empty()) return {};
  return {.memory = pg::embedded::Machine::here().memory, .spinning_disk = spins(data_dir)};
}

}  // namespace loci::storage::health
