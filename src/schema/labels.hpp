#pragma once
#include <loci/schema/migration.hpp>

#include <string>
#include <string_view>

namespace loci::schema {

/// `7_name`, or `R__name` for what is repeatable (version 0 or below).
[[nodiscard]] inline std::string label(std::int64_t version, std::string_view name) {
  return (version > 0 ? std::to_string(version) + "_" : "R__") + std::string(name);
}
[[nodiscard]] inline std::string label(const Migration& migration) {
  return label(migration.version, migration.name);
}

}  // namespace loci::schema
