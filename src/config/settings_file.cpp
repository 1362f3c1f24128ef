#include "config/settings_file.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <fstream>

namespace loci::config {

namespace {

constexpr std::size_t k_largest = 64 * 1024;
constexpr const char* k_name = "loci.yaml";

std::string users_own(const Environment& environment) {
  const std::string xdg = environment("XDG_CONFIG_HOME").value_or("");
  if (xdg.starts_with('/')) return xdg + "/loci/" + k_name;
  const std::string home = environment("HOME").value_or("");
  return home.starts_with('/') ? home + "/.config/loci/" + k_name : "";
}

}  // namespace

std::expected<std::string, std::string> find_settings_file(const Environment& environment) {
  if (std::string named = environment("LOCI_CONFIG").value_or(""); !named.empty()) return named;
  for (const std::string& path : {std::string(k_name), users_own(environment)}) {
    struct stat facts{};
    if (path.empty() || ::stat(path.c_str(), &facts) != 0) continue;
    // It says where a history is kept and sent to: nobody else's file is taken by chance.
    if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
      return std::unexpected(path +
                             ": this file is another user's, and nobody named it; name it "
                             "with --config or LOCI_CONFIG if it is to be used");
    }
    return path;
  }
  return std::string();
}

std::expected<std::string, std::string> settings_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(k_largest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open() || (file.fail() && !file.eof())) {
    return std::unexpected("the settings file cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > k_largest) return std::unexpected("a settings file has at most 64 kB");
  return text;
}

}  // namespace loci::config
