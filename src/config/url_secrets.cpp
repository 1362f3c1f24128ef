#include "config/url_secrets.hpp"

namespace loci::config {

std::string url_without_user(const std::string& url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string::npos) return url;
  const std::size_t slashes = url.find("//");
  const std::size_t begin = slashes == std::string::npos || slashes > at ? 0 : slashes + 2;
  return url.substr(0, begin) + "(hidden)" + url.substr(at);
}

bool url_names_user(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes != std::string_view::npos) url.remove_prefix(slashes + 2);
  return url.substr(0, url.find_first_of("/?#")).contains('@');
}

}  // namespace loci::config
