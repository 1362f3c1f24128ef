#pragma once
#include "sqlgen/schema_database.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace loci::sqlgen {

/// Tests that ask a real server: one for the whole suite, with the schema that Suite::schema holds.
template <class Suite>
class OnSchema : public testing::Test {
protected:
  static void SetUpTestSuite() {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() /
        ("loci_" + std::string(Suite::name) + std::to_string(::getpid()) + ".sql");
    std::ofstream(file) << Suite::schema;
    Diagnostics diagnostics;
    database() = std::make_unique<SchemaDatabase>(file, diagnostics);
    std::filesystem::remove(file);
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
