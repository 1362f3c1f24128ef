#pragma once
#include <loci/vector/index_plan.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace loci::app {

/// Trials drawn for a terminal of `columns`: recall to the right, time of a search upwards, by its
/// logarithm; a letter for each index, with a line that says which it is.
[[nodiscard]] std::string picture(std::span<const vector::Trial> trials, std::size_t columns);

/// The same as SVG, to a file. Errors: io.
void write_picture(const std::string& file, std::span<const vector::Trial> trials);

}  // namespace loci::app
