#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/diagnostic.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace loci::sqlgen {

/// A throw-away PostgreSQL with the user's schema in it: who answers what a statement takes and
/// gives. Nothing of the rest of sqlgen touches a database.
class SchemaDatabase final : public Describer {
public:
  /// Starts a server of its own and applies the schema: a folder of NNNN_name.up.sql, or one SQL
  /// file. What the server refuses of it is reported; the schema is then not whole. Errors:
  /// configuration and io (the folder, the server).
  SchemaDatabase(const std::filesystem::path& schema, Diagnostics& diagnostics);
  ~SchemaDatabase() override;

  [[nodiscard]] bool complete() const noexcept;

  /// All types, and the columns of all tables and views.
  [[nodiscard]] Catalog catalog();

  [[nodiscard]] StatementFacts describe(const std::string& sql) override;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci::sqlgen
