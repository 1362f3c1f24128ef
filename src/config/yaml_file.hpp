#pragma once
#include <string>

#include "config/setting_table.hpp"

namespace loci::config {

/// Reads a settings file into `settings`: a map of sections, each a map of names to plain values.
/// Nothing deeper is ever looked at, so neither nesting nor aliases cost anything.
/// Errors: configuration, as load_settings() says; for a file over 64 kB or one that cannot be read
/// too.
void read_yaml_file(const std::string& path, Settings& settings);

}  // namespace loci::config
