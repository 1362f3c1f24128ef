#pragma once
#include <string>

namespace loci::vector {

/// A line of a plan without the vectors in it, which it repeats whole, hundreds of numbers long.
[[nodiscard]] inline std::string without_vectors(std::string line) {
  for (std::size_t at = line.find("'["); at != std::string::npos; at = line.find("'[", at + 3)) {
    const std::size_t end = line.find("]'", at);
    if (end == std::string::npos) break;
    line.replace(at + 2, end - at - 2, "…");
  }
  return line;
}

}  // namespace loci::vector
