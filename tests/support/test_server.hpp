#pragma once
#include <atomic>
#include <loci/pg/embedded_server.hpp>
#include <string>
#include <string_view>

#include "pg/embedded/sql.hpp"

namespace loci::test {

/// One throw-away PostgreSQL for all tests of a process, started by the first that asks and removed
/// when the process ends.
class TestServer {
public:
  [[nodiscard]] static TestServer& instance() {
    static TestServer server;
    return server;
  }

  [[nodiscard]] std::string dsn(std::string_view database = "loci") const {
    return server_.dsn(database);
  }
  [[nodiscard]] std::string admin_dsn(std::string_view database = "postgres") const {
    return server_.admin_dsn(database);
  }

  /// The connection string of a new database, owned by role `loci` and seen by no other test: empty
  /// but for the extensions, or a copy of the database named (to which nobody may be connected).
  [[nodiscard]] std::string fresh_database(std::string_view template_name = "") {
    return server_.dsn(fresh_database_name(template_name));
  }

  /// As fresh_database(), giving its name: to be a template itself, or for admin_dsn().
  [[nodiscard]] std::string fresh_database_name(std::string_view template_name = "") {
    std::string name = "test_" + std::to_string(++made_);
    server_.create_database(name, template_name.empty() ? "template1" : template_name);
    return name;
  }

  [[nodiscard]] pg::EmbeddedServer& server() { return server_; }

private:
  // A database that was connected to keeps its catalogs' cache in a file, which its copies inherit.
  TestServer() { (void)pg::embedded::run_statement(admin_dsn("template1"), "select 1"); }

  pg::EmbeddedServer server_ = pg::EmbeddedServer::open({.throwaway = true});
  std::atomic<int> made_ = 0;
};

}  // namespace loci::test
