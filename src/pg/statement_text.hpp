#pragma once
#include <string_view>

namespace loci::pg {

/// COPY, which in pipeline mode never ends (fact F9).
[[nodiscard]] bool is_copy(std::string_view sql) noexcept;

/// Begins with a word that may begin a statement which only reads. BEGIN, SET or LISTEN on a
/// connection that others share would reach them all (fact F11).
[[nodiscard]] bool may_be_shared(std::string_view sql) noexcept;

}  // namespace loci::pg
