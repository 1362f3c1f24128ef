#pragma once
#include <loci/config/settings.hpp>

#include <expected>
#include <string>

namespace loci::config {

/// `text` with each `${VAR}` and `${VAR:-default}` replaced; `$${` stands for `${`. A variable that
/// is empty counts as not set; what it holds is not looked at again. The error says what is wrong,
/// and repeats nothing but the names of variables.
[[nodiscard]] std::expected<std::string, std::string> expand(const std::string& text,
                                                             const Environment& environment);

}  // namespace loci::config
