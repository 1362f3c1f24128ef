#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/diagnostic.hpp"

#include <memory>
#include <span>
#include <string>

namespace loci::sqlgen {

/// A PostgreSQL with the user's schema in it: who answers what a statement takes and gives. Nothing
/// of the rest of sqlgen touches a database.
class SchemaDatabase final : public Describer {
public:
  /// Applies the schema, as read_schema() gives it, to a throw-away server of its own, or to an
  /// empty database of somebody else's when `conninfo` names one. What the server refuses is
  /// reported; the schema is then not whole. Errors: configuration and io (the server), connect.
  SchemaDatabase(std::span<const SourceFile> schema, Diagnostics& diagnostics,
                 std::string conninfo = {});
  ~SchemaDatabase() override;

  [[nodiscard]] bool complete() const noexcept;
  /// How to connect to the database; as superuser when the server is our own.
  [[nodiscard]] const std::string& conninfo() const noexcept;

  /// All types, and the columns of all tables and views.
  [[nodiscard]] Catalog catalog();

  [[nodiscard]] StatementFacts describe(const std::string& sql) override;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci::sqlgen
