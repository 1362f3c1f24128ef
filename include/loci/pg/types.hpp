#pragma once
#include <loci/pg/types/array.hpp>
#include <loci/pg/types/json.hpp>
#include <loci/pg/types/local_timestamp.hpp>
#include <loci/pg/types/scalar.hpp>
#include <loci/pg/types/temporal.hpp>
#include <loci/pg/types/vector.hpp>

/// One struct a PostgreSQL type: the C++ value it stands for and its binary form. Generated queries
/// name these, so int4 against int8 or json against jsonb is never a guess.
///
/// encode() throws Error{invalid_argument} when a value cannot be stored (a vector that is empty or
/// holds NaN or an infinity), decode() throws Error{protocol} when bytes do not fit.
///
/// The types most queries use are included here; generated queries include the headers that they
/// need and no more. The others have headers of their own in loci/pg/types: numeric, range,
/// bit_string, and enumeration, composite and named for types of yours.
namespace loci::pg::type {}
