#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// Text as PostgreSQL stores it. The policy of Loci for text that PostgreSQL rejects: each NUL and
/// each byte that is not part of valid UTF-8 (lone surrogates included) becomes U+FFFD in `content`
/// and titles; where the source was JSON, the original survives escaped in the message's `parts`.
namespace loci {

/// True when `text` is valid UTF-8 without NUL: what a PostgreSQL text column accepts.
[[nodiscard]] bool is_storable(std::string_view text) noexcept;

/// `text` with everything a text column rejects replaced by U+FFFD, one for each maximal bad part.
[[nodiscard]] std::string to_storable(std::string_view text);

/// The longest prefix of at most `bytes` bytes that does not cut a UTF-8 character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept;

}  // namespace loci
