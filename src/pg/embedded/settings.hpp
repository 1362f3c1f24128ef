#pragma once
#include <cstdint>
#include <string>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/identity.hpp"

namespace loci::pg::embedded {

/// What the settings are computed from.
struct Machine {
  std::uint64_t memory = 0;  ///< Bytes this process may use.

  [[nodiscard]] static Machine here();  ///< Physical memory, or the control group's limit if less.
};

/// The text of `conf/loci.conf`, which the server's postgresql.conf includes.
[[nodiscard]] std::string server_settings(const Folder& folder, const Identity& who, bool throwaway,
                                          const Machine& machine);

/// Writes `conf/`: settings, pg_hba.conf and pg_ident.conf. Done before every start, so that a
/// folder that was moved, or that an older Loci made, starts with what is right now. Errors: io.
void write_settings(const Folder& folder, const Identity& who, bool throwaway);

}  // namespace loci::pg::embedded
