#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "pg/embedded/sql.hpp"

namespace loci::pg {

/// A new folder that a server's user can reach, removed with whatever server is left in it.
class Scratch {
public:
  Scratch() {
    std::string name = std::string(in_memory() ? "/dev/shm" : "/tmp") + "/loci_test.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0711));
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    try {
      for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        if (entry.is_directory()) EmbeddedServer::stop(entry.path(), true);
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

inline EmbeddedServer::Status::State state_of(const std::filesystem::path& data_dir) {
  return EmbeddedServer::status(data_dir).state;
}

inline int server_pid(const std::filesystem::path& data_dir) {
  return EmbeddedServer::status(data_dir).pid.value();
}

/// The text of the error that `action` ends with; a failure of the test when there is none.
inline std::string failure(const std::function<void()>& action, ErrorKind kind) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace loci::pg
