#pragma once
#include "sqlgen/cpp_type.hpp"
#include "sqlgen/header.hpp"

#include <cstdint>

namespace loci::sqlgen {

/// Writes an enum type: the C++ enum, its labels, and how it is turned into text and back.
void write_enum(Header& header, std::uint32_t type, const CppTypes& types);

}  // namespace loci::sqlgen
