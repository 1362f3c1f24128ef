#pragma once
#include <loci/base/error.hpp>

#include <string>
#include <string_view>

namespace loci::pg {

/// The server sent what the protocol does not allow here: the connection must not be used again.
[[noreturn]] inline void out_of_step(std::string_view what) {
  throw Error(ErrorKind::protocol, "the server's answers are out of step: " + std::string(what));
}

}  // namespace loci::pg
