#pragma once
#include <string>
#include <string_view>

namespace loci::config {

/// A URL whose user and password, which stand before an @, are hidden; without them as it is.
[[nodiscard]] std::string url_without_user(const std::string& url);

/// Whether there is a user or a password before the host.
[[nodiscard]] bool url_names_user(std::string_view url);

}  // namespace loci::config
