#pragma once
#include "support/scratch_folder.hpp"

namespace loci::sqlgen {

using test::ScratchFolder;

}  // namespace loci::sqlgen
