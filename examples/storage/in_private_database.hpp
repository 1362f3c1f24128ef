#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <cstdio>

/// Runs an example on a storage in a private PostgreSQL that goes with the program. With a database
/// of yours, give its connection string for `conninfo`.
template <class Example>
int in_private_database(Example example) {
  try {
    const auto server = loci::pg::EmbeddedServer::open({.throwaway = true});
    loci::Runtime runtime;
    loci::storage::PostgresStorage storage(runtime.executor(),
                                           {.pool = {.conninfo = server.dsn()}});
    (void)runtime.wait(storage.migrate());
    runtime.wait(example(storage));
    return 0;
  } catch (const loci::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
