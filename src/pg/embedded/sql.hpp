#pragma once
#include <string>

namespace loci::pg::embedded {

/// Runs one statement over a connection of its own, blocking, and gives the first column of the
/// first row; empty when there is none. For setting servers up, before any pool exists.
/// Errors: connect, connection_lost, server.
std::string run_statement(const std::string& dsn, const std::string& sql);

}  // namespace loci::pg::embedded
