#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <string>

#include "pg/embedded/sql.hpp"
#include "support/server_folder.hpp"

namespace loci::pg {

using test::ServerFolder;

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
