#pragma once
#include <loci/base/json.hpp>

namespace loci::storage::mock {

/// What a jsonb column gives back: members sorted by length and bytes, the last of several of one
/// name, numbers without exponents, blanks in places of its own.
/// Errors: server 22003 for a number that numeric cannot hold.
[[nodiscard]] JsonText as_jsonb(const JsonText& json);

/// jsonb's `||` of two objects, written as as_jsonb() writes them.
[[nodiscard]] JsonText merged(const JsonText& left, const JsonText& right);

}  // namespace loci::storage::mock
