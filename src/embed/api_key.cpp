#include "embed/api_key.hpp"

#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "embed/blank.hpp"

namespace loci::embed {
namespace {

Secret read_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) {
    throw Error(ErrorKind::configuration, "embedding key file " + path + " cannot be read");
  }
  std::error_code ignored;
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  if ((fs::status(path, ignored).permissions() & others) != fs::perms::none) {
    log::warn("embed.key_file_open path=" + path + " hint=\"chmod 600\"");
  }
  return Secret(std::string(trim(line)));
}

Secret read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    throw Error(ErrorKind::configuration, "embedding key variable " + name + " is not set");
  }
  return Secret(std::string(trim(value)));
}

Secret find(const OpenAiOptions& options) {
  if (!options.api_key.empty()) return options.api_key;
  if (!options.api_key_file.empty()) return read_file(options.api_key_file);
  if (!options.api_key_variable.empty()) return read_variable(options.api_key_variable);
  return {};
}

}  // namespace

Secret find_api_key(const OpenAiOptions& options) {
  Secret key = find(options);
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::ranges::all_of(key.reveal(), is_plain)) {
    throw Error(ErrorKind::configuration, "embedding key: only printable ASCII can be a key");
  }
  return key;
}

}  // namespace loci::embed
