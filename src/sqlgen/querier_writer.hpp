#pragma once
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/header.hpp"
#include "sqlgen/query.hpp"

#include <span>

namespace loci::sqlgen {

/// What the abstract class of all queries is called; no query may be.
inline constexpr std::string_view querier_class = "Querier";
inline constexpr std::string_view session_querier_class = "SessionQuerier";
inline constexpr std::string_view querier_file = "querier.hpp";

/// Writes the abstract class with one function a query, and the one that asks a session.
void write_querier(Header& header, std::span<const Query* const> queries, const CppTypes& types);

}  // namespace loci::sqlgen
