#pragma once
#include <string>
#include <string_view>

namespace loci::pg {

/// `name` as a quoted SQL identifier. The one way an identifier gets into SQL text.
/// Errors: Error{invalid_argument} when it is empty, holds NUL, or is over 63 bytes (the server
/// would cut it without a word).
[[nodiscard]] std::string quote_identifier(std::string_view name);

/// `text` as a string literal, for the few statements that take no parameters (DDL).
/// Errors: Error{invalid_argument} when it holds NUL.
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace loci::pg
