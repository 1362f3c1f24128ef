#pragma once
#include <string>
#include <string_view>

namespace loci::schema {

/// 32 hex digits. Line ends do not count: a checkout on another system must not look like a changed
/// migration.
[[nodiscard]] std::string checksum(std::string_view text);

}  // namespace loci::schema
