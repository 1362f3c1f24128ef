#pragma once
#include <loci/base/json.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/program.hpp"
#include "support/server_folder.hpp"
#include "support/stored_history.hpp"

/// The real program, as a person runs it. LOCI_PROGRAM is its path.
namespace loci::app {

using test::Program;
using test::ProgramEnd;
using test::ProgramOptions;
using Words = std::vector<std::string>;

[[nodiscard]] inline Words command(Words first, const Words& rest) {
  first.insert(first.begin(), LOCI_PROGRAM);
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

/// Its answer to --json; a failure of the test when it is no JSON.
[[nodiscard]] inline JsonDocument json_of(const ProgramEnd& end) {
  try {
    return JsonDocument::parse(end.out);
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\nstdout: " << end.out << "\nstderr: " << end.err;
    return JsonDocument::parse("{}");
  }
}

/// `loci` on a database of the tests' own server.
class LociOnDatabase {
public:
  explicit LociOnDatabase(std::string name = test::migrated_database())
      : database(std::move(name)), url(test::TestServer::instance().dsn(database)) {}

  [[nodiscard]] Words words(const Words& arguments) const {
    return command({"--database-url", url}, arguments);
  }
  [[nodiscard]] ProgramEnd operator()(const Words& arguments,
                                      const ProgramOptions& options = {}) const {
    return test::run(words(arguments), options);
  }
  [[nodiscard]] std::string value(const std::string& sql) const {
    return test::first_value(admin_dsn(), sql);
  }
  [[nodiscard]] std::string admin_dsn() const {
    return test::TestServer::instance().admin_dsn(database);
  }

  std::string database;
  std::string url;
};

/// `loci` on a private server in a folder of its own; both are gone with the object.
class LociOnFolder {
public:
  [[nodiscard]] std::filesystem::path folder() const { return place_ / "data"; }
  /// For files of the test beside the data.
  [[nodiscard]] const std::filesystem::path& place() const { return place_.where(); }
  [[nodiscard]] Words words(const Words& arguments) const {
    return command({"--data-dir", folder().string()}, arguments);
  }
  [[nodiscard]] ProgramEnd operator()(const Words& arguments,
                                      const ProgramOptions& options = {}) const {
    return test::run(words(arguments), options);
  }

private:
  test::ServerFolder place_;
};

inline std::string examples() {
  return std::string(LOCI_SOURCE_DIR) + "/examples/data";
}

}  // namespace loci::app
