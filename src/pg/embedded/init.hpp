#pragma once
#include <filesystem>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/identity.hpp"

namespace loci::pg::embedded {

/// Checks that the folder's data, if any, was made by Loci with our major version.
/// Returns false when there is none yet.
/// Errors: configuration, saying what it is instead and what to do.
[[nodiscard]] bool check_data(const Folder& folder);

/// Makes the folder's data: initdb, then the roles, extensions and database that need a superuser.
/// All happens under another name and counts only once it is finished, so a process that is killed
/// meanwhile leaves nothing but rubbish, which the next call removes. Needs `server.lock`.
/// Errors: configuration (pgvector is not installed), io (with what initdb said).
void make_data(const Folder& folder, const Identity& who, const std::filesystem::path& programs,
               bool throwaway);

}  // namespace loci::pg::embedded
