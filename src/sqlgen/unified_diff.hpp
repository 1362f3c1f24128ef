#pragma once
#include <string>
#include <string_view>

namespace loci::sqlgen {

/// What `diff -u` prints for two texts, three lines of context; empty when they are the same.
/// Texts that have little in common are given as one replaced by the other.
[[nodiscard]] std::string unified_diff(std::string_view old_name, std::string_view old_text,
                                       std::string_view new_name, std::string_view new_text);

}  // namespace loci::sqlgen
