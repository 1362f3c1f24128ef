#pragma once
#include "sqlgen/config/yaml_value.hpp"
#include "sqlgen/emit_options.hpp"

#include <filesystem>

namespace loci::sqlgen {

/// `overrides: cpp:`, what holds for all parts of a file: `rename` and `overrides`. Errors: as
/// YamlValue.
[[nodiscard]] EmitOptions read_shared_emit_settings(const YamlValue& cpp);

/// `gen: cpp:`, on top of what `options` holds. Gives `out`. Errors: as YamlValue.
[[nodiscard]] std::filesystem::path read_emit_settings(const YamlValue& cpp, EmitOptions& options);

}  // namespace loci::sqlgen
