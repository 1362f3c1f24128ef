#pragma once
#include <filesystem>

#include "storage/health/doctor_checks.hpp"

namespace loci::storage::health {

/// What can be known of this machine, and of the disk below this folder; nothing when the folder is
/// empty: then the server may be anywhere.
[[nodiscard]] MachineFacts machine_of(const std::filesystem::path& data_dir);

}  // namespace loci::storage::health
