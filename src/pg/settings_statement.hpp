#pragma once
#include <map>
#include <string>

namespace loci::pg {

/// A statement that makes these settings hold to the end of its transaction; empty when there are
/// none.
[[nodiscard]] std::string settings_statement(const std::map<std::string, std::string>& settings);

}  // namespace loci::pg
