#pragma once
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/header.hpp"
#include "sqlgen/models.hpp"
#include "sqlgen/query.hpp"

#include <cstdint>
#include <span>

namespace loci::sqlgen {

/// Writes the struct of a query, with its row and how both travel, and what else belongs to it.
void write_query(Header& header, const Query& query, const CppTypes& types, const Models& models);

/// Writes the struct of a composite type, and how it travels.
void write_composite(Header& header, std::uint32_t type, const CppTypes& types,
                     const Models& models);

/// Writes the struct of a table; with `decoded` also how it is read from some columns of a row.
void write_model(Header& header, std::uint32_t table, std::span<const Column> columns, bool decoded,
                 const CppTypes& types, const Models& models);

}  // namespace loci::sqlgen
