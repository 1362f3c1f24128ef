#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace loci {

/// Bytes as letters, digits, `-` and `_` (RFC 4648, section 5), without padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);

/// nullopt for anything that to_base64url() does not write: each text has one meaning, each meaning
/// one text.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace loci
