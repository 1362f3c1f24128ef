#pragma once
#include <filesystem>

namespace loci::pg::embedded {

constexpr int k_major_version = 17;

/// `given` if not empty, else what find_programs() finds; checked to hold PostgreSQL 17.
/// Errors: configuration, naming what was tried and what to install.
[[nodiscard]] std::filesystem::path find_programs(const std::filesystem::path& given);

}  // namespace loci::pg::embedded
