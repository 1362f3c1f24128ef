#pragma once
#include <stdlib.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <loci/pg/embedded_server.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace loci::test {

/// A new folder that a server's user can reach, removed with whatever servers are left in it.
class ServerFolder {
public:
  ServerFolder() {
    std::string name = std::string(in_memory() ? "/dev/shm" : "/tmp") + "/loci_test.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0711));
  }
  ServerFolder(const ServerFolder&) = delete;
  ServerFolder& operator=(const ServerFolder&) = delete;
  ~ServerFolder() {
    try {
      for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.is_directory()) pg::EmbeddedServer::stop(entry.path(), true);
      }
    } catch (const std::exception&) {  // a folder that is no server's
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& where() const { return path_; }

private:
  // Where nothing waits for a disk: kills lose no memory, and power cuts cannot be tested anyway.
  static bool in_memory() {
    std::error_code ignored;
    const auto space = std::filesystem::space("/dev/shm", ignored);
    return !ignored && space.available > (std::uintmax_t{1} << 30U);
  }

  std::filesystem::path path_;
};

/// A server that stands by for a primary, which it reaches by `primary_conninfo`, or never.
class StandbyServer {
public:
  explicit StandbyServer(const std::string& primary_conninfo = "") {
    const pg::EmbeddedOptions options{.data_dir = folder_ / "data"};
    {
      const auto made = pg::EmbeddedServer::open(options);
    }
    const std::filesystem::path data = options.data_dir / "postgres";
    std::ofstream(data / "standby.signal").flush();
    std::ofstream(data / "postgresql.auto.conf", std::ios::app)
        << "primary_conninfo = '" << primary_conninfo << "'\n";
    server_ = pg::EmbeddedServer::open(options);
  }
  [[nodiscard]] std::string dsn() const { return server_->dsn(); }

private:
  ServerFolder folder_;
  std::optional<pg::EmbeddedServer> server_;  // gone before its folder
};

}  // namespace loci::test
