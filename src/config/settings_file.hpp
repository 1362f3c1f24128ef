#pragma once
#include <loci/config/settings.hpp>

#include <expected>
#include <string>

namespace loci::config {

/// The file that settings are read from when no flag names one; empty: there is none. Which that
/// is: see Sources::file. The error says why one that was found is not taken.
[[nodiscard]] std::expected<std::string, std::string> find_settings_file(
    const Environment& environment);

/// What the file holds. The error says why it cannot be read.
[[nodiscard]] std::expected<std::string, std::string> settings_text(const std::string& path);

}  // namespace loci::config
