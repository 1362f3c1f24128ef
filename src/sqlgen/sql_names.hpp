#pragma once
#include "schema/sql_lexer.hpp"

#include <string>

namespace loci::sqlgen {

/// The name that a word means: in lower case, or what stands in its quotes. Empty when the token is
/// no name, or one spelt with U&.
[[nodiscard]] std::string catalog_name(const schema::SqlToken& token);

/// A name of the catalog as SQL spells it after a dot, where keywords are names too: in quotes
/// unless it needs none.
[[nodiscard]] std::string after_dot(const std::string& name);

}  // namespace loci::sqlgen
