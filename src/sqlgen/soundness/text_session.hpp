#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// A field as text; nothing is NULL.
using TextField = std::optional<std::string>;
using TextRow = std::vector<TextField>;

/// One connection inside one transaction that is rolled back at the end. SQL goes in as text, and
/// comes out as text. Calls block.
class TextSession {
public:
  /// Errors: connect.
  TextSession(const std::string& conninfo, std::chrono::milliseconds statement_timeout);

  /// The rows of a statement whose columns are all of type text. Errors: server; the transaction
  /// then takes nothing else.
  [[nodiscard]] std::vector<TextRow> rows(const std::string& sql);

  /// As rows(), but what the server refuses is given back, and the transaction goes on.
  std::expected<std::vector<TextRow>, Error> attempt_rows(const std::string& sql);

  /// Runs statements, all or nothing. What the server refuses is undone and given back; the
  /// transaction goes on. Errors: what is not the server refusing it.
  std::optional<Error> attempt(const std::string& sql);

  /// Runs a statement, adds to `null_seen` which columns gave a NULL, and undoes what it did.
  /// Looks at `max_rows` rows, or a few more. Errors: server, and the transaction goes on; others.
  std::size_t probe(const std::string& sql, std::size_t max_rows, std::vector<bool>& null_seen);

  /// Remembers this state; undo() goes back to it.
  void mark();
  void undo();

private:
  void run(const std::string& sql);

  Runtime runtime_{1};
  pg::Pool pool_;
  pg::Lease lease_;
};

}  // namespace loci::sqlgen
