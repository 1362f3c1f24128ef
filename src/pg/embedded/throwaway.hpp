#pragma once
#include <filesystem>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/identity.hpp"

/// Folders of servers that are removed with them.
namespace loci::pg::embedded {

/// Makes a fresh folder `loci-XXXXXX` in `base`; in $TMPDIR or else /tmp when that is empty.
/// Removes the folders there that killed processes of ours left behind, their servers first.
/// Errors: configuration, io.
[[nodiscard]] std::filesystem::path make_throwaway(const std::filesystem::path& base,
                                                   const Identity& who);

/// Marks the folder as one that may be removed once nobody holds its `users.lock`.
void mark_throwaway(const Folder& folder);

/// Stops the server and removes the folder. Needs both locks, exclusively.
/// Errors: io.
void remove_throwaway(const Folder& folder, const Identity& who);

}  // namespace loci::pg::embedded
