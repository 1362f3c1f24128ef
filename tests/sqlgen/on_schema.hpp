#pragma once
#include "sqlgen/schema_database.hpp"

#include <gtest/gtest.h>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "support/test_server.hpp"

namespace loci::sqlgen {

/// Tests that ask a real server: one for the whole suite, with the schema that Suite::schema holds.
template <class Suite>
class OnSchema : public testing::Test {
protected:
  static void SetUpTestSuite() {
    Diagnostics diagnostics;
    database() = std::make_unique<SchemaDatabase>(
        std::array{SourceFile{"schema.sql", "schema.sql", std::string(Suite::schema)}}, diagnostics,
        loci::test::TestServer::instance().fresh_database());
    for (const Diagnostic& fault : diagnostics.all()) ADD_FAILURE() << to_line(fault);
    catalog() = database()->catalog();
  }
  static void TearDownTestSuite() { database().reset(); }

  static std::unique_ptr<SchemaDatabase>& database() {
    static std::unique_ptr<SchemaDatabase> it;
    return it;
  }
  static Catalog& catalog() {
    static Catalog it;
    return it;
  }
};

}  // namespace loci::sqlgen
