#pragma once
#include "sqlgen/diagnostic.hpp"

namespace loci::sqlgen {

/// A file of schema SQL as it is to be sent to a server. What is not meant for the server becomes
/// spaces, so that every line and column stays what it is in the file:
/// - what undoes a migration: after `-- +goose Down`, `-- +migrate Down`, `-- migrate:down`
/// (dbmate)
///   and `---- create above / drop below ----` (tern), up to the next `Up` marker if any;
/// - psql's `\restrict`, `\connect`, ...; the rows of `copy ... from stdin`, with the COPY;
/// - what pg_dump sets for its own session: timeouts, encoding, search_path, ...
///
/// Reported: psql's `\i` and `\if`, on which the schema depends; tern's `{{ }}` and goose's `${ }`,
/// which only these tools can fill in.
[[nodiscard]] SourceFile for_server(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace loci::sqlgen
